-- A dataset version with a manifest: by its name and version, by its key, or by the root of its manifest.
select d.dataset_version
from dataset_versions d
where d.manifest_root is not null
  and (
      (d.namespace = $namespace and d.dataset = $dataset and d.version = $version)
      or d.dataset_version::varchar = lower($version)
      or (length($version) >= 32 and starts_with(d.manifest_root, lower($version)))
  )
order by d.namespace = $namespace and d.dataset = $dataset and d.version = $version desc, d.dataset_version
limit 1
