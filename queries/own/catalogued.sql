-- How many captures the daily rollup lists for a scope, including hidden ones; for cut days, counted from captures.
select (
    select coalesce(sum(d.events), 0)
    from capture_daily d
    where d.subject = $subject
        and d.day >= $from_at
        and d.day + interval 1 day <= $until_at
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
) + (
    select count(*)
    from captures c
    where c.subject = $subject
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and (date_trunc('day', c.captured_at) < $from_at
            or date_trunc('day', c.captured_at) + interval 1 day > $until_at)
        and ($signals is null or list_contains($signals, c.signal))
        and ($applications is null or list_contains($applications, c.application))
)
