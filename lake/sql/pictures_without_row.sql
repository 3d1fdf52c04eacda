-- The names of picture files whose capture is not in the lake.
select t.name
from pictures_there t
where t.name::uuid not in (
    select c.capture_id from captures c where c.signal = 'screenshot' and c.x is not null and c.y is not null
)
