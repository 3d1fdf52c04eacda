-- How many captures model versions provably used, each slice once.
with distinct_slices as (
    select max(s.events) as events
    from dataset_slices s
    join run_inputs i on i.dataset_version = s.dataset_version and i.part is null
    join run_outputs o on o.run = i.run
    where s.subject = $subject
    group by s.day, s.signal, s.application
)
select coalesce(sum(events), 0)::bigint from distinct_slices
