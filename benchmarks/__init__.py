"""Open Book measured against the floor: DuckDB on plain Parquet that holds nothing but what the task needs."""
