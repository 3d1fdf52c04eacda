-- The cost of each release so far, oldest first, including lost ones.
select r.release, r.period, r.published_at, r.rho, r.digest, r.as_of, r.year_epsilon from releases r
union all
select l.release, l.period, l.published_at, l.rho, l.digest, l.as_of, l.year_epsilon from lost_releases l
order by published_at
