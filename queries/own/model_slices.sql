-- The person's slices in the dataset versions that one model version was certainly trained on in full, each once; without
-- day and kind if these were erased: then at least so many, because nobody knows which ones the versions share.
with
-- include withdrawn_slices
, trainings as (
    select t.dataset_version, min(t.began_by) as began_by
    from (select unnest($datasets::uuid[]) as dataset_version, unnest($began::timestamp[]) as began_by) t
    group by t.dataset_version
), in_each as (
    select s.dataset_version, s.day, s.signal, s.application, sum(s.events)::bigint as events
    from slices s
    join trainings t on t.dataset_version = s.dataset_version
    where least(s.withdrawn_at, s.ended_at) is null or least(s.withdrawn_at, s.ended_at) > t.began_by
    group by s.dataset_version, s.day, s.signal, s.application
)
select
    nullif(s.day, date '0001-01-01') as day,
    case when s.day > date '0001-01-01' then s.signal else 'erased' end as signal,
    case when s.day > date '0001-01-01' then s.application else 'erased' end as application,
    max(s.events) as events
from in_each s
group by s.day, s.signal, s.application
order by s.day, s.signal, s.application
