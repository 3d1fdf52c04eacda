-- Store them.
insert into mentions
select mention, subject, starts_at, signal, application, role, retained_until
from temp.new_mentions
order by subject, starts_at
