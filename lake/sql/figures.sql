-- Files and bytes of the newest snapshot, by table, and the number of snapshots.
select
    t.table_name,
    count(*) as files,
    sum(f.file_size_bytes)::bigint as bytes,
    (select count(*) from __ducklake_metadata_lake.ducklake_snapshot) as snapshots
from __ducklake_metadata_lake.ducklake_data_file f
join __ducklake_metadata_lake.ducklake_table t using (table_id)
where f.end_snapshot is null and t.end_snapshot is null
group by t.table_name
order by t.table_name
