-- Remember the ids that the lake has of one subject in a time span; one subject at a time, so that files are pruned.
insert into known_captures
select capture_id from captures where subject = $subject and captured_at between $first_at and $last_at
