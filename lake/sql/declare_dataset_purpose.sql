-- Of a dataset version that nobody declared a purpose for: what was declared now.
update dataset_versions set purpose = $purpose where dataset_version = $dataset_version and purpose is null
