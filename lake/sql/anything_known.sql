-- Whether there are files of records, and of refused ones: a lake that begins has none, and most never refuse any.
select
    coalesce(bool_or(t.table_name = 'captures'), false),
    coalesce(bool_or(t.table_name = 'refused'), false)
from __ducklake_metadata_lake.ducklake_data_file f
join __ducklake_metadata_lake.ducklake_table t using (table_id)
where f.end_snapshot is null and t.end_snapshot is null
