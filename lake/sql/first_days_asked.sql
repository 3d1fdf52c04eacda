-- The first day from which a capture of each request's scope is, or was before it was removed; 1 January of the year 1:
-- unknown, because it was erased. A slice that a scope touches counts in full.
with days as (
    select subject, starts_at::date as day, signal, application, first_at, last_at from capture_rollup
    union all
    select subject, day, signal, application, first_at, last_at from dataset_slices
    union all
    select subject, first_day, signal, application, first_day, last_day + interval 1 day from removals
)
select a.request, min(d.day)::timestamp
from asked a
join days d
  on d.subject = a.subject
 and (
     d.day = date '0001-01-01'
     or (
         (a.from_at is null or d.last_at >= a.from_at)
         and d.first_at < a.until_at
         and (a.signals is null or list_contains(a.signals, d.signal))
         and (a.applications is null or list_contains(a.applications, d.application))
     )
 )
group by a.request
