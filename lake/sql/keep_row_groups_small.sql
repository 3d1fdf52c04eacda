-- One person's slices in manifests are read without those of all who share the file.
call lake.set_option('parquet_row_group_size', 8192, table_name => 'dataset_slices')
