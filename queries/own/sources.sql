-- Connectors by which records of the person were stored, and when the last time.
select b.source, max(b.ingested_at) as last_at
from batches b
where b.subject = $subject and b.stored > 0
group by b.source
order by b.source
