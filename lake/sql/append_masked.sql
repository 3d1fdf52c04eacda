-- Store them as they become.
insert into captures select * from temp.masked order by subject, captured_at
