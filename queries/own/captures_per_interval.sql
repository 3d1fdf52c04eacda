-- Captures per minute or hour, by signal and application.
select date_trunc($interval, c.captured_at) as start, c.signal, c.application, count(*) as events
from captures c
where c.subject = $subject
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
    and ($signals is null or list_contains($signals, c.signal))
    and ($applications is null or list_contains($applications, c.application))
    and not exists (
        select 1 from tombstones t
        where t.subject = $subject
            and (t.signals is null or list_contains(t.signals, c.signal))
            and (t.applications is null or list_contains(t.applications, c.application))
            and (t.from_at is null or c.captured_at >= t.from_at)
            and c.captured_at < t.until_at
    )
group by all
order by start, signal, application
