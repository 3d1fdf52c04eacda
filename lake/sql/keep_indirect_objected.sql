-- A record that somebody objected to stays out of training, without saying who.
insert into indirect_captures (subject, capture_id, captured_at, signal, application, role)
select distinct $nobody::uuid, g.capture_id, g.captured_at, g.signal, g.application, 'objected'
from temp.indirect_asked g
where g.objected
  and g.capture_id not in (select k.capture_id from indirect_captures k where k.subject = $nobody::uuid)
