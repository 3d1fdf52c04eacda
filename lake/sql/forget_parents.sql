-- Delete reported parents of model versions that a new report replaces.
delete from model_parents where model_version = $model_version
