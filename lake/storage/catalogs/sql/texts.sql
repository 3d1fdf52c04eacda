select table_name, column_name
from information_schema.columns
where table_schema = %s and starts_with(table_name, 'ducklake_') and data_type in ('text', 'character varying', 'bytea')
