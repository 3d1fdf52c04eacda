-- The statistics of every column that holds values, still without bounds.
insert into __ducklake_metadata_lake.ducklake_table_column_stats
select table_id, column_id, 0, null, null, null, null
from __ducklake_metadata_lake.ducklake_column
where column_type not in ('list', 'map')
