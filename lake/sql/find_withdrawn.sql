-- For runs: slices that their owner had erased, objected to or restricted before the run began; each request once.
insert into violations (violation, kind, run, dataset_version, subject, request, events, found_at)
with withdrawn as (
    select t.subject, t.request, t.signals, t.applications, t.from_at, t.until_at, t.created_at, null as ended_at
    from tombstones t
    union all
    select s.subject, s.request, s.signals, s.applications, s.from_at, s.until_at, s.created_at, s.ended_at
    from standing_rules s
),
-- include began
, found as (
    select r.run, i.dataset_version, w.subject, w.request, s.day, s.signal, s.application, s.events
    from began r
    join (select distinct run, dataset_version from run_inputs where list_contains($runs, run)) i on i.run = r.run
    join withdrawn w on w.created_at <= r.started_at and (w.ended_at is null or w.ended_at > r.started_at)
    join dataset_slices s
      on s.dataset_version = i.dataset_version and s.subject = w.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
), once as (
    select distinct run, dataset_version, subject, request, day, signal, application, events from found
)
select uuid(), 'withdrawn', o.run, o.dataset_version, o.subject, o.request, sum(o.events)::bigint, $now::timestamp
from once o
where not exists (
    select 1 from violations v
    where v.kind = 'withdrawn' and v.run = o.run and v.dataset_version = o.dataset_version
      and v.subject = o.subject and v.request = o.request
)
group by o.run, o.dataset_version, o.subject, o.request
