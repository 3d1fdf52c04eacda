select tablename from pg_tables where schemaname = %s and starts_with(tablename, 'ducklake_') order by tablename
