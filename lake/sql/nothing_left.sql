-- Subjects who asked for everything to be erased and have no capture left.
select distinct a.subject
from asked a
where a.everything and a.subject not in (
    select c.subject from captures c where c.subject in (select subject from asked)
)
