-- The rows of the rollup that meet a span of time, of all kinds: see queries/slices/rows.py.
select
    d.starts_at as start, d.signal, d.application, d.policy, d.retained_until, d.events, d.redacted, d.first_at, d.last_at
from capture_rollup d
where d.subject = $subject
    and d.starts_at > $from_at::timestamp - interval 15 minutes
    and d.starts_at < $until_at
    and d.last_at >= $from_at
    and d.first_at < $until_at
