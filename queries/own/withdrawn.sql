-- What the person has withdrawn of the contents of dataset versions and of what each model version was certainly
-- trained on; the first and the last of when.
with
-- include withdrawn_slices
, withdrawn as (
    select s.dataset_version, s.day, s.signal, s.application, s.events, s.since, s.ended_at
    from slices s
    where s.since is not null
), readings as (
    select
        unnest($models::uuid[]) as model_version, unnest($datasets::uuid[]) as dataset_version,
        unnest($began::timestamp[]) as began_by
), of_models as (
    select r.model_version, s.day, s.signal, s.application, max(s.events) as events, min(s.since) as since
    from withdrawn s
    join readings r on r.dataset_version = s.dataset_version and least(s.since, s.ended_at) > r.began_by
    group by r.model_version, s.day, s.signal, s.application
)
select
    null as dataset_version, null as model_version, count(*)::bigint as events, min(w.created_at) as since,
    max(w.created_at) as until
from rules w
where w.in_force
union all
select s.dataset_version, null, sum(s.events)::bigint, min(s.since), max(s.since)
from withdrawn s
group by s.dataset_version
union all
select null, m.model_version, sum(m.events)::bigint, min(m.since), max(m.since)
from of_models m
group by m.model_version
