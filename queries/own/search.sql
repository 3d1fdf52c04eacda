-- Captures with text in a span of time before a position, newest first: what a search looks through.
select
    c.capture_id, c.captured_at, c.signal, c.application, c.x, c.y, c.session, c.source, c.policy,
    c.retained_until, c.redactions, unhex(replace(c.capture_id::varchar, '-', '')) as id, c.sealed
from captures c
where c.subject = $subject
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
    and c.sealed is not null
    and ($signals is null or list_contains($signals, c.signal))
    and ($applications is null or list_contains($applications, c.application))
    and ($masked is null or (coalesce(cardinality(c.redactions), 0) > 0) = $masked)
    and ($session is null or c.session = $session)
    and ($before_id is null or c.captured_at < $before_at or c.capture_id < $before_id)
-- include not_hidden
order by c.captured_at desc, c.capture_id desc
limit $limit
