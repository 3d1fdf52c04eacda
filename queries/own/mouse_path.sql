-- Where the mouse was: moves, clicks and scrolls in order of time.
select c.captured_at, c.x, c.y, c.signal, c.session, c.application
from captures c
where c.subject = $subject
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
    and c.signal in ('mouse_move', 'mouse_click', 'scroll')
    and c.x is not null
    and c.y is not null
    and ($signals is null or list_contains($signals, c.signal))
    and ($applications is null or list_contains($applications, c.application))
-- include not_hidden
order by c.captured_at, c.capture_id
limit $limit
