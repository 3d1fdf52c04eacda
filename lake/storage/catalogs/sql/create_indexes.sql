create index if not exists open_book_column_stats on ducklake_file_column_stats (table_id, column_id);
create index if not exists open_book_file_stats on ducklake_file_column_stats (data_file_id);
create index if not exists open_book_data_files on ducklake_data_file (table_id);
create index if not exists open_book_delete_files on ducklake_delete_file (table_id);
create index if not exists open_book_partition_values on ducklake_file_partition_value (data_file_id);
