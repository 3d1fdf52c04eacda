-- What was removed of people of whom nothing is left: one total for each request, and one for retention.
create or replace temp table totals as
select
    uuid() as removal, subject, min(removed_at) as removed_at, cause, request, 'erased' as policy, 'erased' as signal,
    'erased' as application, min(removed_at)::date as first_day, min(removed_at)::date as last_day,
    sum(events)::bigint as events
from removals
where list_contains($subjects::uuid[], subject)
group by subject, cause, request
having bool_or(signal <> 'erased')
