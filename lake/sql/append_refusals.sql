-- Write how many records were refused, where any was.
insert into batches
select
    batch, subject, source, ingested_at, read, 0 as stored, 0 as redacted, outside_policy, past_retention,
    0 as already_known, erased_before, quarantined, kept_out
from temp.refusals
where read > 0
