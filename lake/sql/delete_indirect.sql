-- Delete whom the captures in `leaving` concern: nothing about them stays when the record goes. Joined first, because
-- there are few of them.
delete from indirect_captures
where capture_id in (select l.capture_id from leaving l join indirect_captures i on i.capture_id = l.capture_id)
