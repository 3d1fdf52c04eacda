-- A run read a dataset version for another purpose: one row for everyone in the manifest, or one without a person.
insert into violations (violation, kind, run, dataset_version, subject, request, events, found_at)
with concerned as (
    select s.subject, sum(s.events)::bigint as events
    from dataset_slices s
    where s.dataset_version = $dataset_version
    group by s.subject
    union all
    select null, null
    where not exists (select 1 from dataset_slices s where s.dataset_version = $dataset_version)
)
select uuid(), 'purpose', $run, $dataset_version, c.subject, null, c.events, $now::timestamp
from concerned c
where not exists (
    select 1 from violations v
    where v.kind = 'purpose' and v.run = $run and v.dataset_version = $dataset_version
      and v.subject is not distinct from c.subject
)
