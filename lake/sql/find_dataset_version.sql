-- A dataset version by name: its version, or the root of its manifest.
select dataset_version, manifest_root
from dataset_versions
where namespace = $namespace and dataset = $dataset
  and (version = $version or manifest_root = $version)
order by version = $version desc
limit 1
