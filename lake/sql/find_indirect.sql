-- For runs: datasets from before an objection or restriction that may have records of others which mention that person.
-- Asks nothing about the records: which colleague's they are, and what became of them, is not the person's business.
insert into violations (violation, kind, run, dataset_version, subject, request, events, found_at)
with
-- include began
, found as (
    select distinct r.run, i.dataset_version, w.subject, w.request
    from began r
    join (select distinct run, dataset_version from run_inputs where list_contains($runs, run)) i on i.run = r.run
    join dataset_versions v on v.dataset_version = i.dataset_version
    join standing_rules w
      on w.kind <> 'waiting' and w.created_at <= r.started_at and w.created_at > v.created_at
     and (w.ended_at is null or w.ended_at > r.started_at)
    join mentions m
      on m.subject = w.subject
     and (w.signals is null or list_contains(w.signals, m.signal))
     and (w.applications is null or list_contains(w.applications, m.application))
     and (w.from_at is null or m.starts_at + interval 15 minutes > w.from_at)
     and (w.until_at is null or m.starts_at < w.until_at)
    where exists (
        select 1 from dataset_slices s
        where s.dataset_version = i.dataset_version and s.subject <> w.subject and s.day = m.starts_at::date
          and s.signal = m.signal and s.application = m.application
    )
    and not exists (
        select 1 from standing_rules e
        where e.subject = w.subject and e.kind <> 'waiting' and e.created_at <= v.created_at and e.ended_at > v.created_at
          and (e.signals is null or list_contains(e.signals, m.signal))
          and (e.applications is null or list_contains(e.applications, m.application))
          and (e.from_at is null or m.starts_at >= e.from_at)
          and (e.until_at is null or m.starts_at + interval 15 minutes <= e.until_at)
    )
)
select uuid(), 'indirect', f.run, f.dataset_version, f.subject, f.request, null, $now::timestamp
from found f
where not exists (
    select 1 from violations v
    where v.kind = 'indirect' and v.run = f.run and v.dataset_version = f.dataset_version
      and v.subject = f.subject and v.request = f.request
)
