-- Releases that only the ledger remembers, newest first: their numbers are gone.
select
    l.release, l.period, l.published_at, l.year_epsilon,
    case when l.digest <> '' then 'published' when l.period <> '' then 'assumed' else 'stated' end as kind
from lost_releases l
order by l.published_at desc
