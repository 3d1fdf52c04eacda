-- Delete the batches of subjects without captures.
delete from batches where list_contains($subjects::uuid[], subject)
