-- The size from which an area has numbers or ranges in each table of the newest release.
select t.name, t.numbers_from, t.ranges_from, t.company_only
from release_tables t
where t.release = (select r.release from releases r order by r.published_at desc limit 1)
order by t.name
