-- How many captures in the scopes of requests still exist and are not held: by rows, or by slices if those have more.
with found as (
    select subject, signal, application, captured_at as first_at, captured_at as last_at, 1 as rows, 0 as listed
    from captures
    where subject in (select subject from asked)
    union all
    select subject, signal, application, first_at, last_at, 0, events from capture_rollup
    where subject in (select subject from asked)
)
select a.request, greatest(sum(f.rows), sum(f.listed))::bigint
from found f
join asked a
  on f.subject = a.subject
 and (a.signals is null or list_contains(a.signals, f.signal))
 and (a.applications is null or list_contains(a.applications, f.application))
 and (a.from_at is null or f.first_at >= a.from_at)
 and f.last_at < a.until_at
where a.despite_holds or not exists (
    select 1 from holds h
    where h.subject = f.subject and h.lifted_at is null
      and (h.signals is null or list_contains(h.signals, f.signal))
      and (h.applications is null or list_contains(h.applications, f.application))
      and (h.from_at is null or f.last_at >= h.from_at)
      and (h.until_at is null or f.first_at < h.until_at)
)
group by a.request
