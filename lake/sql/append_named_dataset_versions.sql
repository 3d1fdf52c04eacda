-- Dataset versions that are known by name only.
insert into dataset_versions (
    dataset_version, namespace, dataset, version, purpose, origin, created_at, manifest_root, people
)
select n.dataset_version, n.namespace, n.dataset, n.version, null, n.origin, $now::timestamp, null, null
from named n
