"""Open Book measured against the floor: DuckDB on plain Parquet that holds only what the task needs."""
