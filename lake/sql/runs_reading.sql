-- The runs that read one of these dataset versions.
select distinct run from run_inputs where list_contains($dataset_versions, dataset_version)
