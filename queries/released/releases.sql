-- Every release and its cost, newest first.
select
    r.release, r.period, r.as_of, r.published_at, r.people, r.epsilon, r.year_epsilon, r.allowed_epsilon, r.delta, r.digest
from releases r
order by r.published_at desc
