-- The lake that a catalog belongs to, and its newest snapshot. No row: it has no tables.
select
    table_uuid::varchar as lake,
    (select max(snapshot_id) from __ducklake_metadata_lake.ducklake_snapshot) as snapshot
from __ducklake_metadata_lake.ducklake_table
where table_name = 'captures' and end_snapshot is null
