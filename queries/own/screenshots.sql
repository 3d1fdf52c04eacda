-- The newest screenshots with a picture.
select c.capture_id, c.captured_at, c.application
from captures c
where c.subject = $subject
    and c.signal = 'screenshot' and c.x is not null and c.y is not null
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
    and ($signals is null or list_contains($signals, c.signal))
    and ($applications is null or list_contains($applications, c.application))
-- include not_hidden
order by c.captured_at desc, c.capture_id
limit $limit
