-- The tables that have one area, newest release first.
select
    t.release, r.as_of, t.name, t.one, a.people
from release_tables t
join releases r on r.release = t.release
join released_areas a on a.release = t.release and a.name = t.name and a.node = $node
order by r.published_at desc, t.name
