-- What some runs read, each dataset version and part once: those with a manifest first.
select
    d.dataset_version, d.namespace, d.dataset, d.version, i.part, d.manifest_root, count(*) over () as total
from (
    select distinct i.dataset_version, i.part
    from run_inputs i
    where list_contains($runs::uuid[], i.run)
) i
join dataset_versions d on d.dataset_version = i.dataset_version
order by d.manifest_root is null, d.dataset, d.version, d.dataset_version, i.part
limit $limit offset $offset
