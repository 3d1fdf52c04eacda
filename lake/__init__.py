"""The capture lake: what was captured, under which policy, sealed, retained and erased. DuckLake on DuckDB."""
