-- Give every table of a new lake its row of statistics: without one, each read of an empty table queries it
-- again, column by column, which takes four times as long.
insert into __ducklake_metadata_lake.ducklake_table_stats
select t.table_id, 0, 0, 0
from __ducklake_metadata_lake.ducklake_table t
where t.table_id not in (select s.table_id from __ducklake_metadata_lake.ducklake_table_stats s)
