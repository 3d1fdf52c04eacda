-- Record a model version; for a known one, add missing details.
merge into model_versions as m
using (select $model_version::uuid as model_version) as new on m.model_version = new.model_version
when matched and (
    coalesce($purpose, m.purpose) is distinct from m.purpose
    or coalesce($owner, m.owner) is distinct from m.owner
    or coalesce($retired_at, m.retired_at) is distinct from m.retired_at
) then update set
    purpose = coalesce($purpose, m.purpose),
    owner = coalesce($owner, m.owner),
    retired_at = coalesce($retired_at, m.retired_at)
when not matched then insert
values ($model_version, $model, $version, $purpose, $owner, $origin, $released_at, $retired_at)
