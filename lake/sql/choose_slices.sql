-- The slices that may go into a dataset, counted over the captures themselves: of policies that allow it, with
-- consent where they rest on it, not past retention, and without slices that a tombstone or a standing rule touches.
create or replace temp table chosen as
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at from standing_rules r where r.ended_at is null
),
-- include objected
, examined as (
    select
        c.subject, c.captured_at, c.signal, c.application,
        c.retained_until >= $today
            and c.capture_id not in (select o.capture_id from objected o)
            and ($policies is null or list_contains($policies, c.policy))
            and (
                not list_contains($needing, c.policy)
                or c.subject::varchar || ' ' || c.policy in (select unnest($consented::varchar[]))
            ) as usable
    from captures c
    where c.captured_at >= $first_day and c.captured_at < $last_day + interval 1 day
      and ($signals is null or list_contains($signals, c.signal))
      and ($applications is null or list_contains($applications, c.application))
      and not list_contains($without, c.subject)
), slices as (
    select
        e.subject, e.captured_at::date as day, e.signal, e.application,
        min(e.captured_at) as begins_at, max(e.captured_at) as ends_at,
        count(*) filter (where e.usable) as events,
        min(e.captured_at) filter (where e.usable) as first_at,
        max(e.captured_at) filter (where e.usable) as last_at
    from examined e
    group by all
)
select
    row_number() over (order by s.subject, s.day, s.signal, s.application) as slice,
    s.subject, s.day, s.signal, s.application, s.events, s.first_at, s.last_at
from slices s
where s.events > 0
  and not exists (
      select 1 from forbidden f
      where f.subject = s.subject
        and (f.signals is null or list_contains(f.signals, s.signal))
        and (f.applications is null or list_contains(f.applications, s.application))
        and (f.from_at is null or s.ends_at >= f.from_at)
        and (f.until_at is null or s.begins_at < f.until_at)
  )
