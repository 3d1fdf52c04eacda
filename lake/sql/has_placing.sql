-- Whether the lake was divided (lake/storage/shards).
select 1 from __ducklake_metadata_lake.ducklake_view where view_name = 'shards' and end_snapshot is null
