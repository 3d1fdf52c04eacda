-- Every dataset version with a manifest, or one of them, oldest first.
select dataset_version, dataset, version, purpose, created_at, manifest_root, people
from dataset_versions
where manifest_root is not null and ($dataset_version::uuid is null or dataset_version = $dataset_version)
order by created_at, dataset, version
