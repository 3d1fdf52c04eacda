-- Record a dataset version.
insert into dataset_versions
values ($dataset_version, $namespace, $dataset, $version, $purpose, $origin, $created_at, $manifest_root, $people)
