-- The names of the lake's tables.
select table_name from __ducklake_metadata_lake.ducklake_table where end_snapshot is null
