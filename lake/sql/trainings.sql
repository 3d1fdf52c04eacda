-- Every model version and the dataset versions it was trained on; without a manifest nobody knows what was in them.
select distinct
    m.model, m.version, m.released_at, m.retired_at, v.dataset, v.version as dataset_release,
    v.manifest_root is not null as has_manifest
from model_versions m
left join run_outputs o on o.model_version = m.model_version
left join run_inputs i on i.run = o.run
left join dataset_versions v on v.dataset_version = i.dataset_version
order by m.released_at desc, m.model, m.version, v.dataset, v.version
