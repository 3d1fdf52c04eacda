-- Record that a model version was made by a run.
insert into run_outputs (run, model_version)
select $run, $model_version
where not exists (select 1 from run_outputs o where o.run = $run and o.model_version = $model_version)
