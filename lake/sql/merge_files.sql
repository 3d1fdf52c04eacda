-- Merge small files of a bucket into a larger one, for at most sixteen buckets of each table.
call ducklake_merge_adjacent_files('lake', max_compacted_files => 16)
