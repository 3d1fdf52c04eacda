-- The dataset versions that hold slices of a scope, and when the last of them was withdrawn or its time was up
-- (null: not all were).
-- A slice that the scope touches counts in full.
with
-- include withdrawn_slices
, gone as (
    select s.dataset_version, s.events, least(s.withdrawn_at, s.ended_at) as gone_at
    from slices s
    where s.last_at >= $from_at
        and s.first_at < $until_at
        and ($signals is null or list_contains($signals, s.signal))
        and ($applications is null or list_contains($applications, s.application))
)
select
    g.dataset_version, sum(g.events)::bigint as events,
    case when count(g.gone_at) = count(*) then max(g.gone_at) end as until
from gone g
group by g.dataset_version
order by g.dataset_version
