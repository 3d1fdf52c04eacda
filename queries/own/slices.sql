-- The person's slices in a scope, added up by days, hours or quarters of an hour of a time zone: hidden by a tombstone,
-- kept by a hold or a restriction; or cut, if one of them or the scope covers only a part: see cut_slices. Those that
-- are cut are not added up, and have the time in UTC.
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
), offsets as (
    select unnest($zone_from::timestamp[]) as from_at, unnest($zone_seconds::bigint[]) as seconds
), slices as (
    select
        d.starts_at, d.signal, d.application, d.policy, d.retained_until,
        sum(d.events)::bigint as events, sum(d.redacted)::bigint as redacted,
        min(d.first_at) as first_at, max(d.last_at) as last_at
    from capture_rollup d
    where d.subject = $subject
        and d.starts_at > $from_at::timestamp - interval 15 minutes
        and d.starts_at < $until_at
        and d.last_at >= $from_at
        and d.first_at < $until_at
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
    group by d.starts_at, d.signal, d.application, d.policy, d.retained_until
), met as (
    select
        s.starts_at, s.signal, s.application, s.policy, s.retained_until, r.effect,
        coalesce(s.first_at >= r.from_at, true) and coalesce(s.last_at < r.until_at, true) as covered
    from slices s
    join rules r
        on (r.signals is null or list_contains(r.signals, s.signal))
        and (r.applications is null or list_contains(r.applications, s.application))
        and coalesce(s.last_at >= r.from_at, true)
        and coalesce(s.first_at < r.until_at, true)
), touched as (
    select
        m.starts_at, m.signal, m.application, m.policy, m.retained_until,
        bool_or(m.effect = 'hides' and m.covered) as hidden,
        bool_or(m.effect = 'holds' and m.covered) as held,
        bool_or(m.effect = 'restricts' and m.covered) as restricted,
        bool_or(not m.covered) as cut
    from met m
    group by m.starts_at, m.signal, m.application, m.policy, m.retained_until
), judged as (
    select
        s.starts_at, s.signal, s.application, s.policy, s.retained_until, s.events, s.redacted, s.first_at, s.last_at,
        coalesce(t.hidden, false) as hidden, coalesce(t.held, false) as held,
        coalesce(t.restricted, false) as restricted,
        coalesce(t.cut, false) or s.first_at < $from_at or s.last_at >= $until_at as cut
    from slices s
    left join touched t
        on t.starts_at = s.starts_at and t.signal = s.signal and t.application = s.application
        and t.policy = s.policy and t.retained_until = s.retained_until
), moments as (
    select s.starts_at, s.starts_at + to_seconds(o.seconds) as local_start
    from (select distinct starts_at from slices) s
    asof join offsets o on s.starts_at >= o.from_at
), placed as (
    select
        j.*,
        case
            when j.cut then j.starts_at
            when $minutes = 1440 then date_trunc('day', m.local_start)
            when $minutes = 60 then date_trunc('hour', m.local_start)
            else m.local_start
        end as start
    from judged j
    join moments m on m.starts_at = j.starts_at
)
select
    start, signal, application, policy, retained_until, sum(events)::bigint as events,
    sum(redacted)::bigint as redacted, min(first_at) as first_at, max(last_at) as last_at, hidden, held, restricted, cut
from placed
group by start, signal, application, policy, retained_until, hidden, held, restricted, cut
order by start, signal, application, policy, retained_until, hidden, held, restricted
