-- What each release so far cost, oldest first.
select r.release, r.period, r.published_at, r.rho, r.digest, r.as_of, r.year_epsilon from releases r order by r.published_at
