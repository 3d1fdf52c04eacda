-- Add the content keys of the replaced directory for people who have none in the restored one.
insert or ignore into content_key (subject, wrapped, created_at)
select subject, wrapped, created_at
from other.content_key
where subject in (select subject from main.employee)
