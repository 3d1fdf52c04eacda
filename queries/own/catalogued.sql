-- How many captures the rollup lists for a scope, including hidden ones; in the quarters of an hour that the scope cuts,
-- counted from captures.
select (
    select coalesce(sum(d.events), 0)
    from capture_rollup d
    where d.subject = $subject
        and d.starts_at >= $from_at
        and d.starts_at <= $until_at::timestamp - interval 15 minutes
        and ($signals is null or list_contains($signals, d.signal))
        and ($applications is null or list_contains($applications, d.application))
) + (
    select count(*)
    from captures c
    where c.subject = $subject
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and (c.captured_at < $from_at::timestamp + interval 15 minutes
            or c.captured_at > $until_at::timestamp - interval 15 minutes)
        and (time_bucket(interval 15 minutes, c.captured_at) < $from_at
            or time_bucket(interval 15 minutes, c.captured_at) > $until_at::timestamp - interval 15 minutes)
        and ($signals is null or list_contains($signals, c.signal))
        and ($applications is null or list_contains($applications, c.application))
)
