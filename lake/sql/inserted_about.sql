-- Whether some snapshots inserted rows about a person into a table.
select 1
from ducklake_table_insertions($database, 'main', $table, $first, $until)
where subject = $subject
limit 1
