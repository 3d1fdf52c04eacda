-- Store the new rows.
insert into captures
select * exclude (fate) from sorted_incoming where fate = 'new' order by subject, captured_at
