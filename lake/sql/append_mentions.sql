-- Store them.
insert into mentions (mention, subject, starts_at, signal, application, role, retained_until)
select mention, subject, starts_at, signal, application, role, retained_until
from temp.new_mentions
order by subject, starts_at
