-- Every model version and the dataset versions it was trained on, with what of the person was in them.
with slices as (
    select s.dataset_version, s.day, s.signal, s.application, max(s.events) as events
    from dataset_slices s
    where s.subject = $subject
    group by s.dataset_version, s.day, s.signal, s.application
), per_dataset as (
    select dataset_version, sum(events)::bigint as captures, min(day) as first_day, max(day) as last_day
    from slices
    group by dataset_version
), readings as (
    select o.model_version, i.dataset_version, max(r.ended_at) as finished_at
    from run_outputs o
    join runs r on r.run = o.run
    left join run_inputs i on i.run = o.run
    group by o.model_version, i.dataset_version
), per_model as (
    select model_version, sum(events)::bigint as captures
    from (
        select r.model_version, max(s.events) as events
        from readings r
        join slices s on s.dataset_version = r.dataset_version
        group by r.model_version, s.day, s.signal, s.application
    )
    group by model_version
)
select
    m.model_version, m.model, m.version, m.purpose, m.owner, m.released_at, m.retired_at,
    v.dataset_version, v.dataset, v.version as dataset_release, v.purpose as dataset_purpose,
    case
        when d.captures is not null then 'proven'
        when v.dataset_version is null then 'unknown'
        when v.manifest_root is null then 'possible'
        else 'none'
    end as evidence,
    coalesce(d.captures, 0) as captures,
    coalesce(k.captures, 0) as model_captures,
    d.first_day, d.last_day, r.finished_at
from model_versions m
left join readings r on r.model_version = m.model_version
left join dataset_versions v on v.dataset_version = r.dataset_version
left join per_dataset d on d.dataset_version = r.dataset_version
left join per_model k on k.model_version = m.model_version
order by m.released_at desc, m.model, m.version, v.dataset, v.version
