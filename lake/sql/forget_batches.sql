-- Delete the batches that `refusals` replaces.
delete from batches
where subject in (select subject from temp.refusals)
