-- Which of the incoming rows about others are new: of records that the lake has, and not erased by whom they concern.
create or replace temp table new_indirect as
select distinct i.subject::uuid as subject, c.capture_id, c.captured_at, c.signal, c.application, i.role
from incoming_indirect i
join captures c on c.capture_id = i.capture_id::uuid and c.subject = i.owner::uuid
where not exists (
    select 1 from indirect_captures k
    where k.subject = i.subject::uuid and k.capture_id = c.capture_id and k.role = i.role
)
  and not exists (
      select 1 from tombstones t
      where t.subject = i.subject::uuid
        and (t.signals is null or list_contains(t.signals, c.signal))
        and (t.applications is null or list_contains(t.applications, c.application))
        and (t.from_at is null or c.captured_at >= t.from_at)
        and c.captured_at < t.until_at
  )
