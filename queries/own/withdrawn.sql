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
), earliest as (
    select model_version, dataset_version, min(began_by) as began_by
    from readings
    group by model_version, dataset_version
), in_each as (
    -- Several erased slices of a dataset version may look alike; any other is there once.
    select
        r.model_version, s.day, s.signal, s.application, sum(s.events) as events, min(s.since) as since
    from withdrawn s
    join earliest r on r.dataset_version = s.dataset_version and least(s.since, s.ended_at) > r.began_by
    group by r.model_version, r.dataset_version, s.day, s.signal, s.application
), of_models as (
    select
        i.model_version, max(i.events) as events, min(i.since) as since,
        i.day = date '0001-01-01' and count(*) > 1 as at_least
    from in_each i
    group by i.model_version, i.day, i.signal, i.application
)
select
    null as dataset_version, null as model_version, count(*)::bigint as events, min(w.created_at) as since,
    max(w.created_at) as until, false as at_least
from rules w
where w.in_force
union all
select s.dataset_version, null, sum(s.events)::bigint, min(s.since), max(s.since), false
from withdrawn s
group by s.dataset_version
union all
select null, m.model_version, sum(m.events)::bigint, min(m.since), max(m.since), bool_or(m.at_least)
from of_models m
group by m.model_version
