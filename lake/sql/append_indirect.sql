-- Store them.
insert into indirect_captures
select subject, capture_id, captured_at, signal, application, role from temp.new_indirect order by subject, captured_at
