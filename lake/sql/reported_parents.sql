-- What model versions are known to be made from.
select model_version, parent, relation from model_parents where list_contains($models, model_version)
