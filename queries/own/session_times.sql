-- The first and the last capture of a session that no tombstone hides; null: there are none.
select min(c.captured_at), max(c.captured_at)
from captures c
where c.subject = $subject
    and c.session = $session
-- include not_hidden
