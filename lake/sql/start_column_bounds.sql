-- The statistics of every column that holds values, still without bounds.
insert into __ducklake_metadata_lake.ducklake_table_column_stats
select c.table_id, c.column_id, 0, null, null, null, null
from __ducklake_metadata_lake.ducklake_column c
where c.column_type not in ('list', 'map')
  and c.table_id not in (select s.table_id from __ducklake_metadata_lake.ducklake_table_column_stats s)
