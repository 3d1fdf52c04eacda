-- How many records were refused before and are new now.
select count(*) from sorted_incoming where fate = 'new' and capture_id in (select refusal from known_refused)
