-- Record the batch and what became of every record read.
insert into batches
values (
    $batch, $subject, $source, $now, $read, $stored, $redacted, $outside_policy, $past_retention,
    $already_known, $erased_before, $quarantined
)
