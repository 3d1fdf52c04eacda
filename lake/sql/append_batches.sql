-- Record the batches and the outcome of every record read.
insert into batches (
    batch, subject, source, ingested_at, read, stored, redacted, outside_policy, past_retention, already_known,
    erased_before, quarantined, kept_out
)
select
    batch::uuid, subject::uuid, source, $now, read, stored, redacted, outside_policy, past_retention,
    already_known, erased_before, quarantined, kept_out
from done
