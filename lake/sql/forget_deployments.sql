-- When a model version was said to be in use at some places, before something else was said.
delete from deployments where model_version = $model_version and list_contains($places, place)
