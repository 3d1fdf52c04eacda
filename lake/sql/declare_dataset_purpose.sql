-- Set the purpose of a dataset version that has none.
update dataset_versions set purpose = $purpose where dataset_version = $dataset_version and purpose is null
