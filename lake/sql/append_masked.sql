-- Store them as they become.
insert into captures by name select * from temp.masked order by subject, captured_at
