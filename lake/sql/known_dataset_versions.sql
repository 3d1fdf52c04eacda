-- Which of the dataset versions without a manifest are known by name and version.
select n.namespace, n.dataset, n.version, d.dataset_version
from named n
join dataset_versions d
  on d.manifest_root is null and d.namespace = n.namespace and d.dataset = n.dataset and d.version = n.version
