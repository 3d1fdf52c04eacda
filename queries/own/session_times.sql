-- The first and the last capture of a session that no tombstone hides; null: there are none.
select min(c.captured_at), max(c.captured_at)
from captures c
where c.subject = $subject
    and c.session = $session
    and not exists (
        select 1 from tombstones t
        where t.subject = $subject
            and (t.signals is null or list_contains(t.signals, c.signal))
            and (t.applications is null or list_contains(t.applications, c.application))
            and (t.from_at is null or c.captured_at >= t.from_at)
            and c.captured_at < t.until_at
    )
