-- Runs as they were reported.
insert into runs
select r.run, r.origin, r.job, r.purpose, r.state, r.started_at, r.ended_at, $now::timestamp
from reported r
