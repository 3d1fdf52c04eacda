-- The parts of the slices of some quarters of an hour, where a tombstone, a hold, a restriction or the scope covers a
-- slice only partly.
with rules as (
    select t.signals, t.applications, t.from_at, t.until_at, 'hides' as effect
    from tombstones t
    where t.subject = $subject
    union all
    select h.signals, h.applications, h.from_at, h.until_at, 'holds'
    from holds h
    where h.subject = $subject and h.lifted_at is null
    union all
    select s.signals, s.applications, s.from_at, s.until_at, 'restricts'
    from standing_rules s
    where s.subject = $subject and s.kind = 'restriction' and s.ended_at is null
), pieces as (
    select
        c.signal, c.application, c.policy, c.retained_until, c.captured_at,
        count(*) as events, count(c.redactions) as redacted
    from captures c
    where c.subject = $subject
        and c.captured_at between $first_at and $last_at
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and list_contains($starts, time_bucket(interval 15 minutes, c.captured_at))
    group by all
), judged as (
    select
        p.*,
        coalesce(bool_or(r.effect = 'hides'), false) as hidden,
        coalesce(bool_or(r.effect = 'holds'), false) as held,
        coalesce(bool_or(r.effect = 'restricts'), false) as restricted
    from pieces p
    left join rules r
        on (r.signals is null or list_contains(r.signals, p.signal))
        and (r.applications is null or list_contains(r.applications, p.application))
        and coalesce(p.captured_at >= r.from_at, true)
        and coalesce(p.captured_at < r.until_at, true)
    group by all
)
select
    time_bucket(interval 15 minutes, captured_at) as start, signal, application, policy, retained_until,
    sum(events)::bigint as events, sum(redacted)::bigint as redacted,
    min(captured_at) as first_at, max(captured_at) as last_at, hidden, held, restricted
from judged
group by start, signal, application, policy, retained_until, hidden, held, restricted
order by start, signal, application, policy, retained_until
