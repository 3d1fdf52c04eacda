-- What the snapshots after one changed, up to another.
select changes_made
from __ducklake_metadata_lake.ducklake_snapshot_changes
where snapshot_id > $after and snapshot_id <= $until
