select encryption_key from (
    select path, encryption_key from __ducklake_metadata_lake.ducklake_data_file where end_snapshot is null
    union all
    select path, encryption_key from __ducklake_metadata_lake.ducklake_delete_file where end_snapshot is null
)
where path = $path
