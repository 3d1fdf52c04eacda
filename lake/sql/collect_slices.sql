-- The slices that may go into a dataset: allowed by the filters, and not under a tombstone.
select d.subject, d.day, d.signal, d.application, sum(d.events)::bigint as events
from capture_daily d
where d.day between $first_day and $last_day
  and list_contains($signals, d.signal)
  and ($applications is null or list_contains($applications, d.application))
  and not list_contains($without, d.subject)
  and not exists (
      select 1 from tombstones t
      where t.subject = d.subject
        and (t.signals is null or list_contains(t.signals, d.signal))
        and (t.applications is null or list_contains(t.applications, d.application))
        and (t.from_at is null or d.last_at >= t.from_at)
        and d.first_at < t.until_at
  )
group by d.subject, d.day, d.signal, d.application
order by d.subject, d.day, d.signal, d.application
