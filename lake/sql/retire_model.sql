-- A model version is no longer in use; the first report counts.
update model_versions set retired_at = $at where model_version = $model_version and retired_at is null
