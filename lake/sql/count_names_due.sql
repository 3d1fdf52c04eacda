-- How many records are to be looked through, of these people's names.
with
-- include names_due
select count(*) from due
