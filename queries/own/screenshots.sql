-- The newest screenshots with a picture.
select c.capture_id, c.captured_at, c.application
from captures c
where c.subject = $subject
    and c.signal = 'screenshot' and c.x is not null and c.y is not null
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
order by c.captured_at desc, c.capture_id
limit $limit
