-- How many records were refused before and are new now.
select count(*) from new_captures where capture_id::uuid in (select refusal from known_refused)
