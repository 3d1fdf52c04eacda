-- One page of captures in order of time, after a position.
select
    c.capture_id, c.captured_at, c.signal, c.application, c.x, c.y, c.session, c.source, c.policy,
    c.retained_until, c.redactions, c.sealed
from captures c
where c.subject = $subject
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
    and ($signals is null or list_contains($signals, c.signal))
    and ($applications is null or list_contains($applications, c.application))
    and (c.captured_at > $from_at or $after is null or c.capture_id > $after)
-- include not_hidden
order by c.captured_at, c.capture_id
limit $limit
