-- Expire every snapshot except the current one.
call ducklake_expire_snapshots('lake', older_than => timestamptz '9999-01-01 00:00:00+00')
