-- Records that were refused before anything of them was stored, by day, application, kind and reason; the newest day
-- first. Without a day: not known. The first day of the year 1: a total that an erasure of everything left.
select r.day, r.signal, r.reason, r.name, n.sealed, sum(r.records)::bigint as records
from refused r
left join refused_names n on n.subject = $subject and n.name = r.name
where r.subject = $subject
group by r.day, r.signal, r.reason, r.name, n.sealed
order by r.day desc nulls last, records desc, r.reason, r.signal, r.name
