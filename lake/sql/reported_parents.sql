-- What a model version is known to be made from.
select parent, relation from model_parents where model_version = $model_version
