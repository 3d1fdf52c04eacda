-- The data files that a catalog names, in any of its snapshots.
select path from ducklake_data_file
union all
select path from ducklake_delete_file
