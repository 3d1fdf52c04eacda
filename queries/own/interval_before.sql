-- The quarter of an hour since whose beginning a scope has so many captures before a time, from the rollup, including
-- hidden ones; null: there are fewer.
with intervals as (
    select d.starts_at, sum(d.events) as events
    from capture_rollup d
    where d.subject = $subject
        and d.starts_at > $from_at::timestamp - interval 15 minutes
        and d.starts_at < $until_at
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
    group by d.starts_at
), added_up as (
    select i.starts_at, sum(i.events) over (order by i.starts_at desc) as events
    from intervals i
)
select max(a.starts_at)
from added_up a
where a.events >= $rows
