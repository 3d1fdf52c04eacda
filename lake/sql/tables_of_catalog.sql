-- DuckLake's tables in a schema of an attached database.
select table_name from duckdb_tables()
where database_name = ? and schema_name = ? and starts_with(table_name, 'ducklake_')
