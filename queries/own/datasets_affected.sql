-- The dataset versions that hold slices of a scope, and when the last of them was withdrawn (null: not all were).
-- A slice that the scope touches counts in full.
with rules as (
    select t.signals, t.applications, t.from_at, t.until_at, t.created_at
    from tombstones t
    where t.subject = $subject
    union all
    select r.signals, r.applications, r.from_at, r.until_at, r.created_at
    from standing_rules r
    where r.subject = $subject
), slices as (
    select s.dataset_version, s.day, s.signal, s.application, s.events, min(w.created_at) as withdrawn_at
    from dataset_slices s
    left join rules w
        on (w.signals is null or list_contains(w.signals, s.signal))
        and (w.applications is null or list_contains(w.applications, s.application))
        and (w.from_at is null or s.last_at >= w.from_at)
        and (w.until_at is null or s.first_at < w.until_at)
    where s.subject = $subject
        and s.last_at >= $from_at
        and s.first_at < $until_at
        and ($signals is null or list_contains($signals, s.signal))
        and ($applications is null or list_contains($applications, s.application))
    group by s.dataset_version, s.day, s.signal, s.application, s.events
)
select
    s.dataset_version, sum(s.events)::bigint as events,
    case when count(s.withdrawn_at) = count(*) then max(s.withdrawn_at) end as until
from slices s
group by s.dataset_version
order by s.dataset_version
