-- How long the history of a governance state is.
select coalesce(max(id), 0) from request_event
