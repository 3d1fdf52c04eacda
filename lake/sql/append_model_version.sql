-- Record a model version.
insert into model_versions values ($model_version, $model, $version, $purpose, $owner, $released_at, $retired_at)
