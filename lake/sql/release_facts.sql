-- What a release counts for each person: captures of complete days without a request to erase or not use them.
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at from standing_rules r where r.ended_at is null
), slices as (
    select
        subject, starts_at::date as day, signal, application, retained_until,
        sum(events) as events, min(first_at) as first_at, max(last_at) as last_at
    from capture_rollup
    where starts_at < $today
    group by subject, starts_at::date, signal, application, policy, batch, retained_until
)
select
    d.subject,
    sum(d.events)::bigint as captures,
    list(distinct d.signal) as signals,
    list(distinct d.application) as applications,
    bool_and(d.retained_until >= $today) as within_retention
from slices d
where not exists (
      select 1 from forbidden f
      where f.subject = d.subject
        and (f.signals is null or list_contains(f.signals, d.signal))
        and (f.applications is null or list_contains(f.applications, d.application))
        and (f.from_at is null or d.last_at >= f.from_at)
        and (f.until_at is null or d.first_at < f.until_at)
  )
group by d.subject
