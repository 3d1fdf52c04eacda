-- `due`: whose name may still be in which record: maskings in force, of records that mention the person, were not looked
-- through for them, and that no legal hold keeps as they are.
due as (
    select distinct i.subject as named, c.subject, c.capture_id
    from name_masks m
    join indirect_captures i on i.subject = m.subject and i.role <> 'masked'
    join captures c on c.capture_id = i.capture_id and c.captured_at = i.captured_at
    where m.ended_at is null and list_contains($named, m.subject)
      and not exists (
          select 1 from indirect_captures k
          where k.subject = i.subject and k.capture_id = i.capture_id and k.role = 'masked'
      )
      and not
-- include held
)
