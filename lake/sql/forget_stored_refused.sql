-- A record that was refused before and is stored now isn't refused any more.
delete from refused
where refusal in (select refusal from known_refused) and refusal in (select capture_id::uuid from new_captures)
