-- The dataset versions that hold slices of a scope, and the model versions trained on them.
with affected as (
    select s.dataset_version, sum(s.events)::bigint as events
    from dataset_slices s
    where s.subject = $subject
        and s.last_at >= $from_at
        and s.first_at < $until_at
        and ($signals is null or list_contains($signals, s.signal))
        and ($applications is null or list_contains($applications, s.application))
    group by s.dataset_version
)
select distinct
    v.dataset, v.version, m.model, m.version as model_version, a.events
from affected a
join dataset_versions v on v.dataset_version = a.dataset_version
left join run_inputs i on i.dataset_version = a.dataset_version
left join run_outputs o on o.run = i.run
left join model_versions m on m.model_version = o.model_version
order by v.dataset, v.version, m.model, model_version
