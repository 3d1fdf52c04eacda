-- Drop the batches of subjects of whom no capture is left.
delete from batches where list_contains($subjects::uuid[], subject)
