-- The dataset versions with a manifest that are meant: by name (in any case) and version, by key, or by the root of the
-- manifest.
select n.namespace, n.dataset, n.version, d.dataset_version, d.created_at
from named n
join dataset_versions d
  on d.manifest_root is not null
 and (
     (
         lower(d.namespace) = lower(trim(n.namespace))
         and lower(trim(d.dataset)) = lower(trim(n.dataset))
         and d.version = trim(n.version)
     )
     or d.dataset_version::varchar = lower(n.version)
     or (length(n.version) >= 32 and starts_with(d.manifest_root, lower(n.version)))
 )
order by d.dataset_version
