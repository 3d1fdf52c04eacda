-- The person's slices: hidden by a tombstone, kept by a hold or a restriction, or cut (partly so: see cut_slices).
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
), slices as (
    select
        d.day, d.signal, d.application, d.policy, d.retained_until,
        sum(d.events)::bigint as events, sum(d.redacted)::bigint as redacted,
        min(d.first_at) as first_at, max(d.last_at) as last_at
    from capture_daily d
    where d.subject = $subject
    group by d.day, d.signal, d.application, d.policy, d.retained_until
), judged as (
    select
        s.*, r.effect,
        coalesce(s.first_at >= r.from_at, true) and coalesce(s.last_at < r.until_at, true) as covered
    from slices s
    left join rules r
        on (r.signals is null or list_contains(r.signals, s.signal))
        and (r.applications is null or list_contains(r.applications, s.application))
        and coalesce(s.last_at >= r.from_at, true)
        and coalesce(s.first_at < r.until_at, true)
)
select
    day, signal, application, policy, retained_until, events, redacted, first_at, last_at,
    coalesce(bool_or(effect = 'hides' and covered), false) as hidden,
    coalesce(bool_or(effect = 'holds' and covered), false) as held,
    coalesce(bool_or(effect = 'restricts' and covered), false) as restricted,
    coalesce(bool_or(effect is not null and not covered), false) as cut
from judged
group by all
order by day, signal, application, policy, retained_until
