-- The dataset versions that list slices of the scopes of requests, and when the last of these was withdrawn or its time
-- was up (null: not all were). A slice that a scope touches counts in full.
with rules as (
    select subject, signals, applications, from_at, until_at, created_at from tombstones
    union all
    select subject, signals, applications, from_at, until_at, created_at from standing_rules
), people as (
    select a.subject from asked a
),
-- include ended_slices
, slices as (
    select
        a.request, s.dataset_version, s.day, s.signal, s.application, s.events,
        least(
            min(w.created_at), min(e.ended_at),
            min(try_cast(nullif(decode(case when s.day = date '0001-01-01' then s.digest else ''::blob end), '') as timestamp))
        ) as withdrawn_at
    from asked a
    join dataset_slices s
      on s.subject = a.subject
     and (a.from_at is null or s.last_at >= a.from_at)
     and s.first_at < a.until_at
     and (a.signals is null or list_contains(a.signals, s.signal))
     and (a.applications is null or list_contains(a.applications, s.application))
    left join rules w
      on w.subject = s.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
    left join ended e
      on e.subject = s.subject and e.day = s.day and e.signal = s.signal and e.application = s.application
    group by a.request, s.dataset_version, s.day, s.signal, s.application, s.events, s.digest
)
select
    s.request, s.dataset_version, sum(s.events)::bigint,
    case when count(s.withdrawn_at) = count(*) then max(s.withdrawn_at) end
from slices s
group by s.request, s.dataset_version
order by s.request, s.dataset_version
