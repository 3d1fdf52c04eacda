-- Every ingestion that stored something of the person, with the outcome of each record; without a time, the total that
-- an erasure left.
select
    b.batch, b.source, nullif(b.ingested_at, timestamp '0001-01-01') as ingested_at, b.read, b.stored, b.redacted, b.outside_policy, b.past_retention,
    b.already_known, b.erased_before, b.quarantined, coalesce(b.kept_out, 0) as kept_out
from batches b
where b.subject = $subject
order by b.ingested_at, b.batch
