-- Set the table-wide smallest and largest value of every column from the remaining files.
update __ducklake_metadata_lake.ducklake_table_column_stats as t
set min_value = b.min_value, max_value = b.max_value
from (
    select
        t.table_id, t.column_id,
        case
            when bool_or(s.min_value is null and s.value_count > 0) then null
            when any_value(c.column_type) similar to 'u?int[0-9]+' then min(try_cast(s.min_value as hugeint))::varchar
            else min(s.min_value)
        end as min_value,
        case
            when bool_or(s.max_value is null and s.value_count > 0) then null
            when any_value(c.column_type) similar to 'u?int[0-9]+' then max(try_cast(s.max_value as hugeint))::varchar
            else max(s.max_value)
        end as max_value
    from __ducklake_metadata_lake.ducklake_table_column_stats t
    join __ducklake_metadata_lake.ducklake_column c
      on c.table_id = t.table_id and c.column_id = t.column_id and c.end_snapshot is null
    left join __ducklake_metadata_lake.ducklake_data_file f
      on f.table_id = t.table_id and f.end_snapshot is null
    left join __ducklake_metadata_lake.ducklake_file_column_stats s
      on s.data_file_id = f.data_file_id and s.column_id = t.column_id
    group by t.table_id, t.column_id
) b
where b.table_id = t.table_id and b.column_id = t.column_id
