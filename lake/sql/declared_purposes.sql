-- The declared purposes of runs and of the dataset versions that they read.
select distinct r.run, i.dataset_version, r.purpose, d.purpose
from runs r
join run_inputs i on i.run = r.run
join dataset_versions d on d.dataset_version = i.dataset_version
where list_contains($runs, r.run) and r.purpose is not null and d.purpose is not null
