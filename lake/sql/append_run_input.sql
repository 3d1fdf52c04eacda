-- Record that a run read a dataset version, once for each part of it.
insert into run_inputs (run, dataset_version, part)
select $run, $dataset_version, $part
where not exists (
    select 1 from run_inputs i
    where i.run = $run and i.dataset_version = $dataset_version and i.part is not distinct from $part
)
