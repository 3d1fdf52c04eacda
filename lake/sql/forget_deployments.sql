-- Delete reported deployments of model versions that a new report replaces.
delete from deployments where model_version = $model_version and list_contains($places, place)
