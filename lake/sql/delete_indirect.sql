-- Delete whom the captures that leave concern: nothing about them stays when the record goes. Joined first, because
-- there are few of them.
delete from indirect_captures
where capture_id in (
    select l.capture_id from leaving l join indirect_captures i on i.capture_id = l.capture_id
    union all
    select c.capture_id
    from captures c
    join indirect_captures i on i.capture_id = c.capture_id
    where c.subject in (select subject from people_leaving)
)
