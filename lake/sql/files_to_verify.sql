-- Every file of the newest snapshot after a given one, in order of number, with its catalog entry.
-- The smallest and largest values give its range: times of captures and of the rollup, days of datasets.
with files as (
    select table_id, data_file_id as number, path, record_count as rows, file_size_bytes as size, data_file_id
    from __ducklake_metadata_lake.ducklake_data_file
    where end_snapshot is null
    union all
    select table_id, delete_file_id, path, delete_count, file_size_bytes, data_file_id
    from __ducklake_metadata_lake.ducklake_delete_file
    where end_snapshot is null
), bounds as (
    select s.data_file_id, c.column_name, s.min_value, s.max_value
    from __ducklake_metadata_lake.ducklake_file_column_stats s
    join __ducklake_metadata_lake.ducklake_column c on c.table_id = s.table_id and c.column_id = s.column_id
    where c.end_snapshot is null
)
select
    f.number,
    t.table_name,
    f.path,
    f.rows,
    f.size,
    nullif(
        min(try_cast(b.min_value as date)) filter (where b.column_name in ('captured_at', 'starts_at', 'day')),
        date '0001-01-01'
    ) as first_day,
    max(try_cast(b.max_value as date)) filter (where b.column_name in ('captured_at', 'starts_at', 'day')) as last_day,
    any_value(try_cast(b.min_value as uuid)) filter (where b.column_name = 'subject') as first_subject,
    any_value(try_cast(b.max_value as uuid)) filter (where b.column_name = 'subject') as last_subject
from files f
join __ducklake_metadata_lake.ducklake_table t on t.table_id = f.table_id and t.end_snapshot is null
left join bounds b on b.data_file_id = f.data_file_id
where f.number > $after
group by f.number, t.table_name, f.path, f.rows, f.size
order by f.number
