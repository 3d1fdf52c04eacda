-- A model version by name.
select model_version from model_versions where model = $model and version = $version
