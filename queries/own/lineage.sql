-- The person's slices in dataset versions, and when each was first withdrawn: runs that began later didn't get it.
with rules as (
    select t.signals, t.applications, t.from_at, t.until_at, t.created_at
    from tombstones t
    where t.subject = $subject
    union all
    select r.signals, r.applications, r.from_at, r.until_at, r.created_at
    from standing_rules r
    where r.subject = $subject
)
select s.dataset_version, s.day, s.signal, s.application, s.events, min(w.created_at) as withdrawn_at
from dataset_slices s
left join rules w
    on (w.signals is null or list_contains(w.signals, s.signal))
    and (w.applications is null or list_contains(w.applications, s.application))
    and (w.from_at is null or s.last_at >= w.from_at)
    and (w.until_at is null or s.first_at < w.until_at)
where s.subject = $subject
group by s.dataset_version, s.day, s.signal, s.application, s.events
