-- The rows of the rollup of all quarters of an hour that meet a span of time, of all kinds: see queries/slices/rows.py.
-- A bound of one more column would cost a question to DuckLake's statistics of it.
select
    d.starts_at as start, d.signal, d.application, d.policy, d.retained_until, d.events, d.redacted, d.first_at, d.last_at
from capture_rollup d
where d.subject = $subject
    and d.starts_at > $from_at::timestamp - interval 15 minutes
    and d.starts_at < $until_at
