-- The names of its applications that were not known yet.
insert into refused_names (subject, name, sealed)
select i.subject::uuid, i.name::uuid, any_value(i.sealed)
from incoming_names i
where
    i.name::uuid in (select r.name from new_refused r)
    and not exists (
        select 1 from refused_names n
        where n.subject = i.subject::uuid and n.name = i.name::uuid
    )
group by i.subject, i.name
