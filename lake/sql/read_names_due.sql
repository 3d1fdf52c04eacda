-- Their text, by record and name.
select d.named, c.subject, c.capture_id, c.redactions, c.sealed
from temp.names_due d
join captures c on c.subject = d.subject and c.capture_id = d.capture_id
order by c.subject, c.capture_id, d.named
