-- Every model version and the dataset versions it was trained on; without a manifest nobody knows what was in them.
select distinct
    m.model, m.version, m.released_at, m.retired_at, v.dataset, v.version as dataset_release,
    coalesce(v.has_manifest, false) as has_manifest
from model_versions m
left join training_runs r on r.model_version = m.model_version
left join dataset_versions v on v.dataset_version = r.dataset_version
order by m.released_at desc, m.model, m.version, v.dataset, v.version
