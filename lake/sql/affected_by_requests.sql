-- The dataset versions that list slices of the scopes of requests. A slice that a scope touches counts in full.
select a.request, s.dataset_version, sum(s.events)::bigint
from asked a
join dataset_slices s
  on s.subject = a.subject
 and (a.from_at is null or s.last_at >= a.from_at)
 and s.first_at < a.until_at
 and (a.signals is null or list_contains(a.signals, s.signal))
 and (a.applications is null or list_contains(a.applications, s.application))
group by a.request, s.dataset_version
order by a.request, s.dataset_version
