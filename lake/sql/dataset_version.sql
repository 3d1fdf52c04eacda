-- A dataset version with a manifest, and its counts.
select
    v.dataset_version, v.dataset, v.version, v.purpose, v.created_at, v.manifest_root, v.people,
    count(s.subject) as slices, coalesce(sum(s.events), 0)::bigint as captures
from dataset_versions v
left join dataset_slices s on s.dataset_version = v.dataset_version
where v.dataset_version = $dataset_version and v.manifest_root is not null
group by all
