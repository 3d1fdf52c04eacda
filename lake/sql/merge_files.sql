-- Merge files of a bucket that are smaller than 16 MB into a larger one, for at most sixteen buckets of each table.
call ducklake_merge_adjacent_files('lake', max_compacted_files => 16, max_file_size => 16000000)
