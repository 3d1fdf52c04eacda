-- What retention took out after a moment: captures, people, and when it last did.
select coalesce(sum(events), 0)::bigint, count(distinct subject), max(removed_at)
from removals
where cause = 'retention' and removed_at > $since
