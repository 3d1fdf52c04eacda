-- Write how many records were refused, where any was.
insert into batches (
    batch, subject, source, ingested_at, read, stored, redacted, outside_policy, past_retention, already_known,
    erased_before, quarantined, kept_out
)
select
    batch, subject, source, ingested_at, read, 0 as stored, 0 as redacted, outside_policy, past_retention,
    0 as already_known, erased_before, quarantined, kept_out
from temp.refusals
where read > 0
