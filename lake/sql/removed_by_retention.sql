-- What retention took out but for some moments: captures, people, and when.
select
    coalesce(sum(events), 0)::bigint,
    count(distinct subject),
    coalesce(list(distinct removed_at order by removed_at), [])
from removals
where cause = 'retention' and not list_contains($without::timestamp[], removed_at)
