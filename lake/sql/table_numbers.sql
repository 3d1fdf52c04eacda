-- DuckLake's numbers of some tables.
select table_name, table_id
from __ducklake_metadata_lake.ducklake_table
where list_contains($names, table_name) and end_snapshot is null
