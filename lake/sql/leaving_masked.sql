-- The records as they were.
create or replace temp table leaving as
select
    c.capture_id, c.subject, time_bucket(interval 15 minutes, c.captured_at) as starts_at, c.signal, c.application,
    c.policy, c.batch, null::uuid as request
from temp.masked c
