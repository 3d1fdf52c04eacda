-- Captures by their ids and times, newest first; not those that a tombstone hides.
select
    c.capture_id, c.captured_at, c.signal, c.application, c.x, c.y, c.session, c.source, c.policy,
    c.retained_until, c.redactions, c.sealed
from captures c
where c.subject = $subject
    and c.captured_at >= $first_at
    and c.captured_at <= $last_at
    and list_contains($ids::uuid[], c.capture_id)
-- include not_hidden
order by c.captured_at desc, c.capture_id desc
