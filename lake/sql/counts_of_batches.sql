-- The outcome of every record of some batches that stored something.
select
    batch, read, stored, redacted, outside_policy, past_retention, already_known, erased_before, quarantined,
    coalesce(kept_out, 0) as kept_out
from batches
where batch in (select unnest($batches))
