-- What a release counts for each person: captures of complete days without a request to erase or not use them.
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at from standing_rules r where r.ended_at is null
)
select
    d.subject,
    sum(d.events)::bigint as captures,
    list(distinct d.signal) as signals,
    list(distinct d.application) as applications,
    bool_and(d.retained_until >= $today) as within_retention
from capture_daily d
where d.day < $today
  and not exists (
      select 1 from forbidden f
      where f.subject = d.subject
        and (f.signals is null or list_contains(f.signals, d.signal))
        and (f.applications is null or list_contains(f.applications, d.application))
        and (f.from_at is null or d.last_at >= f.from_at)
        and (f.until_at is null or d.first_at < f.until_at)
  )
group by d.subject
