-- The highest whole number among the versions of a dataset; 0 if there is none.
select coalesce(max(try_cast(version as bigint)), 0)
from dataset_versions
where namespace = $namespace and dataset = $dataset and regexp_full_match(version, '[1-9][0-9]{0,15}')
