-- Delete the files that no snapshot ever knew, left by a write that was interrupted.
call ducklake_delete_orphaned_files('lake', cleanup_all => true)
