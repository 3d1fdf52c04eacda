-- Whether a capture of theirs has a picture and is not withdrawn.
select count(*) > 0
from captures c
where c.subject = $subject
    and c.capture_id = $capture_id
    and c.signal = 'screenshot' and c.x is not null and c.y is not null
    and not exists (
        select 1 from tombstones t
        where t.subject = $subject
            and (t.signals is null or list_contains(t.signals, c.signal))
            and (t.applications is null or list_contains(t.applications, c.application))
            and (t.from_at is null or c.captured_at >= t.from_at)
            and c.captured_at < t.until_at
    )
