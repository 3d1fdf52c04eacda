-- Some records to be looked through; those of one person stand together.
create or replace temp table names_due as
with
-- include names_due
select named, subject, capture_id from due order by subject, capture_id, named limit $most
