-- These records were looked through for these names.
insert into indirect_captures (subject, capture_id, captured_at, signal, application, role)
select d.named, c.capture_id, c.captured_at, c.signal, c.application, 'masked'
from temp.names_due d
join captures c on c.subject = d.subject and c.capture_id = d.capture_id
order by d.named, c.captured_at
