-- Captures by their ids and times, newest first; not those that a tombstone hides.
select
    c.capture_id, c.captured_at, c.signal, c.application, c.x, c.y, c.session, c.source, c.policy,
    c.retained_until, c.redactions, c.sealed
from captures c
where c.subject = $subject
    and c.captured_at >= $first_at
    and c.captured_at <= $last_at
    and list_contains($ids::uuid[], c.capture_id)
    and not exists (
        select 1 from tombstones t
        where t.subject = $subject
            and (t.signals is null or list_contains(t.signals, c.signal))
            and (t.applications is null or list_contains(t.applications, c.application))
            and (t.from_at is null or c.captured_at >= t.from_at)
            and c.captured_at < t.until_at
    )
order by c.captured_at desc, c.capture_id desc
