-- Mentions whose last day is over.
select count(*) from mentions where retained_until < $today
