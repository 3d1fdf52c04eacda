-- What an erasure of everything leaves of a person's batches: one row with how many records were refused.
create or replace temp table refusals as
select
    uuid() as batch, subject, 'erased' as source, timestamp '0001-01-01' as ingested_at,
    sum(outside_policy + past_retention + erased_before + quarantined + coalesce(kept_out, 0))::bigint as read,
    sum(outside_policy)::bigint as outside_policy, sum(past_retention)::bigint as past_retention,
    sum(erased_before)::bigint as erased_before, sum(quarantined)::bigint as quarantined,
    sum(coalesce(kept_out, 0))::bigint as kept_out
from batches
where list_contains($subjects::uuid[], subject)
group by subject
having bool_or(source <> 'erased')
