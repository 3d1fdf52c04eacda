-- Mentions of people who asked for an erasure.
select count(*) from mentions where subject in (select subject from asked)
