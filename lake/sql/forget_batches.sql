-- Drop the batches of a subject of whom no capture is left.
delete from batches where subject = $subject
