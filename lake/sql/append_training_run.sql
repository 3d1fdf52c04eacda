-- Record that a training run read a dataset version (null: none that we know) and made a model version.
insert into training_runs values ($run, $model_version, $dataset_version, $finished_at)
