-- Record a dataset version.
insert into dataset_versions values ($dataset_version, $dataset, $version, $purpose, $created_at, $has_manifest)
