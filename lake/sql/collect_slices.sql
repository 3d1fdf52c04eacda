-- The slices that may go into a dataset: allowed by the filters, under no tombstone, and nobody objects.
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at from standing_rules r where r.ended_at is null
)
select d.subject, d.day, d.signal, d.application, sum(d.events)::bigint as events
from capture_daily d
where d.day between $first_day and $last_day
  and list_contains($signals, d.signal)
  and ($applications is null or list_contains($applications, d.application))
  and not list_contains($without, d.subject)
  and not exists (
      select 1 from forbidden f
      where f.subject = d.subject
        and (f.signals is null or list_contains(f.signals, d.signal))
        and (f.applications is null or list_contains(f.applications, d.application))
        and (f.from_at is null or d.last_at >= f.from_at)
        and (f.until_at is null or d.first_at < f.until_at)
  )
group by d.subject, d.day, d.signal, d.application
order by d.subject, d.day, d.signal, d.application
