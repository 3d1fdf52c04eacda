-- The cost of each release so far and the noise of its tables, oldest first. That of lost ones that cost anything is unknown (null).
select
    r.release, r.period, r.published_at, r.rho, r.digest, r.as_of, r.year_epsilon,
    coalesce(
        (
            select list({'moves': if(t.one, least(2, len(t.bands)), len(t.bands)), 'deviation': t.deviation} order by t.name)
            from release_tables t
            where t.release = r.release and t.rho > 0
        ),
        []
    ) as noises
from releases r
union all
select l.release, l.period, l.published_at, l.rho, l.digest, l.as_of, l.year_epsilon, if(l.rho = 0, [], null) from lost_releases l
order by published_at
