-- Remember which records of one subject and time span were refused before; one subject at a time, so that files are
-- pruned.
insert into known_refused
select refusal from refused
where subject = $subject and (day is null or day between $first_at::date and $last_at::date)
