-- Which incoming rows aren't new, by their places: erased before, already known, or there twice.
with erased as (
    select distinct i.place
    from incoming i
    join tombstones t on t.subject = i.subject::uuid
    where
        (t.signals is null or list_contains(t.signals, i.signal))
        and (t.applications is null or list_contains(t.applications, i.application))
        and (t.from_at is null or i.captured_at >= t.from_at)
        and i.captured_at < t.until_at
),
repeated as (
    select capture_id, arg_min(place, captured_at) as kept from incoming group by capture_id having count(*) > 1
)
select place, true as is_erased from erased
union all
select i.place, false
from incoming i
left join repeated r on r.capture_id = i.capture_id
where
    (i.capture_id::uuid in (select k.capture_id from known_captures k) or i.place <> r.kept)
    and i.place not in (select e.place from erased e)
