-- The person's slices in the dataset versions that one model version was certainly trained on in full, each once; without
-- day and kind if these were erased.
with
-- include withdrawn_slices
, trainings as (
    select unnest($datasets::uuid[]) as dataset_version, unnest($began::timestamp[]) as began_by
)
select
    nullif(s.day, date '0001-01-01') as day,
    case when s.day > date '0001-01-01' then s.signal else 'erased' end as signal,
    case when s.day > date '0001-01-01' then s.application else 'erased' end as application,
    max(s.events) as events
from slices s
join trainings t on t.dataset_version = s.dataset_version
where least(s.withdrawn_at, s.ended_at) is null or least(s.withdrawn_at, s.ended_at) > t.began_by
group by s.day, s.signal, s.application
order by s.day, s.signal, s.application
