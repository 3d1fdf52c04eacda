-- What an erasure of everything leaves of refused records: one total for each reason.
create or replace temp table refused_totals as
select uuid() as refusal, subject, reason, sum(records)::bigint as records
from refused
where list_contains($subjects::uuid[], subject)
group by subject, reason
having bool_or(day is distinct from date '0001-01-01')
