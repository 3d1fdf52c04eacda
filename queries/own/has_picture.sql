-- Whether a capture of theirs has a picture and is not withdrawn.
select count(*) > 0
from captures c
where c.subject = $subject
    and c.capture_id = $capture_id
    and c.signal = 'screenshot' and c.x is not null and c.y is not null
-- include not_hidden
