-- When the person's requests to erase everything took effect, and which requests these were.
select t.request, t.created_at
from tombstones t
where t.subject = $subject and t.signals is null and t.applications is null and t.from_at is null
order by t.created_at, t.request
