-- Rewrite every file that has deleted rows, without them.
call ducklake_rewrite_data_files('lake', delete_threshold => 0)
