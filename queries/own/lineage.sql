-- What the person's slices come to by kind: in each dataset version, and in each model version, counting a slice once.
with slices as (
    select s.dataset_version, s.day, s.signal, s.application, s.events
    from dataset_slices s
    where s.subject = $subject
), readings as (
    select unnest($models::uuid[]) as model_version, unnest($datasets::uuid[]) as dataset_version
), of_models as (
    select r.model_version, s.day, s.signal, s.application, max(s.events) as events
    from slices s
    join readings r on r.dataset_version = s.dataset_version
    group by r.model_version, s.day, s.signal, s.application
)
select s.dataset_version, null as model_version, s.signal, sum(s.events)::bigint, min(s.day), max(s.day)
from slices s
group by s.dataset_version, s.signal
union all
select null, m.model_version, m.signal, sum(m.events)::bigint, min(m.day), max(m.day)
from of_models m
group by m.model_version, m.signal
order by all
