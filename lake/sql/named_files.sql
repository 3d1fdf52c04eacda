-- The files in the catalog: whether the current snapshot needs them, and whether they contain captures.
select files.path, files.end_snapshot is null as needed, tables.table_name = 'captures' as of_captures
from (
    select path, end_snapshot, table_id from __ducklake_metadata_lake.ducklake_data_file
    union all
    select path, end_snapshot, table_id from __ducklake_metadata_lake.ducklake_delete_file
) as files
join __ducklake_metadata_lake.ducklake_table as tables using (table_id)
