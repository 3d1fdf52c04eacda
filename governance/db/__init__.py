"""The governance database and the work queue: engines, tables, migrations. Knows no web framework."""
