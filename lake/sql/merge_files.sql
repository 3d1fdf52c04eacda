-- Merge the small files of each bucket into larger ones.
call ducklake_merge_adjacent_files('lake')
