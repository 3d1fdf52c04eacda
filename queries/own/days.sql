-- Captures of a scope per day, from the rollup: including hidden ones; days that the scope cuts count in full.
select d.day::timestamp as day, sum(d.events)::bigint as events
from capture_daily d
where d.subject = $subject
    and d.day >= date_trunc('day', $from_at::timestamp)
    and d.day < $until_at
    and ($signals is null or list_contains($signals, d.signal))
    and ($applications is null or list_contains($applications, d.application))
group by d.day
order by d.day
