-- The same of all captures of `people_leaving`.
delete from indirect_captures
where capture_id in (
    select c.capture_id
    from captures c
    join indirect_captures i on i.capture_id = c.capture_id
    where c.subject in (select subject from people_leaving)
)
