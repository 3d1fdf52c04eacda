-- The quarter of an hour by whose end so many captures of a scope follow a time, from the rollup, including hidden
-- ones; null: there are fewer.
with intervals as (
    select d.starts_at, sum(d.events) as events
    from capture_rollup d
    where d.subject = $subject
        and d.starts_at >= $from_at
        and d.starts_at < $until_at
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
    group by d.starts_at
), added_up as (
    select i.starts_at, sum(i.events) over (order by i.starts_at) as events
    from intervals i
)
select min(a.starts_at)
from added_up a
where a.events >= $rows
