-- The person's slices in the dataset versions that one model version was trained on completely, each once.
select s.day, s.signal, s.application, max(s.events) as events
from dataset_slices s
where s.subject = $subject
    and s.dataset_version in (
        select i.dataset_version
        from run_outputs o
        join run_inputs i on i.run = o.run
        where o.model_version = $model_version and i.part is null
    )
group by s.day, s.signal, s.application
order by s.day, s.signal, s.application
