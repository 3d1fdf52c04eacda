-- What a model version was said to be made from, before something else was said.
delete from model_parents where model_version = $model_version
