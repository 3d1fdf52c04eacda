-- For runs: captures under a policy whose consent their owner had withdrawn before the run began; each person once.
-- `consents`: those of the people who withdrew one; `may_have`: of which policies a dataset version may have captures.
insert into violations (violation, kind, run, dataset_version, subject, request, events, found_at)
with given as (
    select c.subject::uuid as subject, c.policy, c.given_at, c.withdrawn_at from consents c
),
-- include began
, withdrawn as (
    select distinct r.run, r.started_at, g.subject, g.policy
    from began r
    join given g on g.withdrawn_at <= r.started_at
    where not exists (
        select 1 from given h
        where h.subject = g.subject and h.policy = g.policy and h.given_at <= r.started_at
          and (h.withdrawn_at is null or h.withdrawn_at > r.started_at)
    )
), found as (
    select w.run, i.dataset_version, w.subject, s.day, s.signal, s.application, s.events,
           sum(c.events)::bigint as stored
    from withdrawn w
    join (select distinct run, dataset_version from run_inputs where list_contains($runs, run)) i on i.run = w.run
    join may_have m on m.dataset_version::uuid = i.dataset_version and m.policy = w.policy
    join dataset_versions v on v.dataset_version = i.dataset_version
    join dataset_slices s on s.dataset_version = i.dataset_version and s.subject = w.subject
    join capture_rollup c
      on c.subject = s.subject and c.signal = s.signal and c.application = s.application and c.policy = w.policy
     and c.starts_at >= s.day and c.starts_at < s.day + interval 1 day
     and c.retained_until >= v.created_at::date
    join batches b on b.batch = c.batch and b.subject = c.subject and b.ingested_at <= v.created_at
    where exists (
        select 1 from given h
        where h.subject = w.subject and h.policy = w.policy and h.given_at <= v.created_at
          and (h.withdrawn_at is null or h.withdrawn_at > v.created_at)
    )
    group by all
)
select uuid(), 'consent', f.run, f.dataset_version, f.subject, null, sum(least(f.stored, f.events))::bigint,
       $now::timestamp
from found f
where not exists (
    select 1 from violations v
    where v.kind = 'consent' and v.run = f.run and v.dataset_version = f.dataset_version and v.subject = f.subject
)
group by f.run, f.dataset_version, f.subject
