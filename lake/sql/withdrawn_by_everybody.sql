-- People by dataset version whose captures must no longer be trained on: erased, objected to or restricted.
with rules as (
    select subject, signals, applications, from_at, until_at from tombstones
    union all
    select subject, signals, applications, from_at, until_at from standing_rules where ended_at is null
)
select distinct s.dataset_version, s.subject
from rules w
join dataset_slices s
  on s.subject = w.subject
 and (w.signals is null or list_contains(w.signals, s.signal))
 and (w.applications is null or list_contains(w.applications, s.application))
 and (w.from_at is null or s.last_at >= w.from_at)
 and (w.until_at is null or s.first_at < w.until_at)
