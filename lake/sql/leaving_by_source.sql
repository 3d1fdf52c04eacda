-- The captures whose source has a newer version of them, without what is held.
create or replace temp table leaving as
select
    c.capture_id, c.subject, time_bucket(interval 15 minutes, c.captured_at) as starts_at, c.signal, c.application,
    c.policy, c.batch, null::uuid as request
from captures c
where list_contains($captures::uuid[], c.capture_id) and list_contains($subjects::uuid[], c.subject)
  and not
-- include held
