-- A model version is in use no longer; the first time that it was said counts.
update model_versions set retired_at = $at where model_version = $model_version and retired_at is null
