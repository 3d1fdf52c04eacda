-- Record a dataset version.
insert into dataset_versions (
    dataset_version, namespace, dataset, version, purpose, origin, created_at, manifest_root, people
)
values ($dataset_version, $namespace, $dataset, $version, $purpose, $origin, $created_at, $manifest_root, $people)
