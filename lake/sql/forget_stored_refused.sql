-- A record that was refused before and is stored now isn't refused any more.
delete from refused
where refusal in (select capture_id from sorted_incoming where fate = 'new' and capture_id in (select refusal from known_refused))
