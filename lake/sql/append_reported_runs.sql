-- Runs as they were reported.
insert into runs (run, origin, job, purpose, state, started_at, ended_at, reported_at)
select r.run, r.origin, r.job, r.purpose, r.state, r.started_at, r.ended_at, $now::timestamp
from reported r
