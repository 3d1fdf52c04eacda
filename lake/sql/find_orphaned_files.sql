-- The files that no snapshot references, left by interrupted writes.
call ducklake_delete_orphaned_files('lake', cleanup_all => true, dry_run => true)
