-- The dataset versions with a manifest that runs read, and what each is declared for.
select distinct d.dataset_version, d.purpose
from run_inputs i
join dataset_versions d on d.dataset_version = i.dataset_version
where list_contains($runs, i.run) and d.manifest_root is not null
