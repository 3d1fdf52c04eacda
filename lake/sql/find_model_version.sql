-- A model version by what it is called.
select model_version from model_versions where model = $model and version = $version
