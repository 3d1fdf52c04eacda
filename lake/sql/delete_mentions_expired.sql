-- Delete them.
delete from mentions where retained_until < $today
