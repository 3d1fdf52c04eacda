-- What retention removed, except at some times: captures, people, and when.
select
    coalesce(sum(events), 0)::bigint,
    count(distinct subject),
    coalesce(list(distinct removed_at order by removed_at), [])
from removals
where cause = 'retention' and not list_contains($without::timestamp[], removed_at)
