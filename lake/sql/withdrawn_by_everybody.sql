-- People by dataset version whose captures must no longer be trained on: erased, objected to or restricted; and when the
-- last of these were first withdrawn, so that later runs got none of them.
with rules as (
    select subject, signals, applications, from_at, until_at, created_at, true as in_force from tombstones
    union all
    select subject, signals, applications, from_at, until_at, created_at, ended_at is null from standing_rules
), withdrawn as (
    select
        s.dataset_version, s.subject, s.day, s.signal, s.application, min(w.created_at) as since,
        bool_or(w.in_force) as in_force
    from rules w
    join dataset_slices s
      on s.subject = w.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
    group by s.dataset_version, s.subject, s.day, s.signal, s.application
)
select dataset_version, subject, max(since)
from withdrawn
where in_force
group by dataset_version, subject
