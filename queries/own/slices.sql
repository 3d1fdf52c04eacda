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
        min(d.first_at) as first_at, max(d.last_at) as last_at,
        min(d.first_at) < $from_at or max(d.last_at) >= $until_at as divided
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
        s.*, r.effect,
        coalesce(s.first_at >= r.from_at, true) and coalesce(s.last_at < r.until_at, true) as covered
    from slices s
    left join rules r
        on (r.signals is null or list_contains(r.signals, s.signal))
        and (r.applications is null or list_contains(r.applications, s.application))
        and coalesce(s.last_at >= r.from_at, true)
        and coalesce(s.first_at < r.until_at, true)
), judged as (
    select
        starts_at, signal, application, policy, retained_until, events, redacted, first_at, last_at, divided,
        coalesce(bool_or(effect = 'hides' and covered), false) as hidden,
        coalesce(bool_or(effect = 'holds' and covered), false) as held,
        coalesce(bool_or(effect = 'restricts' and covered), false) as restricted,
        divided or coalesce(bool_or(effect is not null and not covered), false) as cut
    from met
    group by starts_at, signal, application, policy, retained_until, events, redacted, first_at, last_at, divided
), placed as (
    select
        j.*,
        case
            when j.cut then j.starts_at
            else time_bucket(to_minutes($minutes), j.starts_at + to_seconds(o.seconds))
        end as start
    from judged j
    asof join offsets o on j.starts_at >= o.from_at
)
select
    start, signal, application, policy, retained_until, sum(events)::bigint as events,
    sum(redacted)::bigint as redacted, min(first_at) as first_at, max(last_at) as last_at, hidden, held, restricted, cut
from placed
group by start, signal, application, policy, retained_until, hidden, held, restricted, cut
order by start, signal, application, policy, retained_until, hidden, held, restricted
