-- Remember which records of one subject were refused before; one subject at a time, so that files are pruned.
insert into known_refused
select refusal from refused where subject = $subject
