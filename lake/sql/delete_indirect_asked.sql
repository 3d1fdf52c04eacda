-- Delete them.
delete from indirect_captures
where subject in (select subject from temp.indirect_asked)
  and exists (
      select 1 from temp.indirect_asked g
      where g.subject = indirect_captures.subject and g.capture_id = indirect_captures.capture_id
        and g.role = indirect_captures.role
  )
