-- The largest number of small files in any bucket of any table, and the number of snapshots.
select
    coalesce((
        select max(small.files)
        from (
            select f.table_id, v.bucket, count(*) as files
            from __ducklake_metadata_lake.ducklake_data_file f
            left join (
                select data_file_id, string_agg(partition_value, ',' order by partition_key_index) as bucket
                from __ducklake_metadata_lake.ducklake_file_partition_value
                group by data_file_id
            ) v using (data_file_id)
            where f.end_snapshot is null and f.file_size_bytes < 16000000
            group by f.table_id, v.bucket
        ) small
    ), 0) as most_files,
    (select count(*) from __ducklake_metadata_lake.ducklake_snapshot) as snapshots
