-- Store them.
insert into indirect_captures (subject, capture_id, captured_at, signal, application, role)
select subject, capture_id, captured_at, signal, application, role from temp.new_indirect order by subject, captured_at
