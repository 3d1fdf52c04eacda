-- The first day from which a record of a scope is, or was before it was removed; null: there is none, 1 January of the
-- year 1: unknown, because it was erased. A slice that the scope touches counts in full.
with days as (
    select d.starts_at::date as day, d.signal, d.application, d.first_at, d.last_at
    from capture_rollup d
    where d.subject = $subject
    union all
    select s.day, s.signal, s.application, s.first_at, s.last_at
    from dataset_slices s
    where s.subject = $subject
    union all
    select r.first_day, r.signal, r.application, r.first_day, r.last_day + interval 1 day
    from removals r
    where r.subject = $subject
)
select min(d.day)::timestamp
from days d
where d.day = date '0001-01-01'
    or (
        d.last_at >= $from_at
        and d.first_at < $until_at
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
    )
