-- Write the totals of refused records.
insert into refused
select refusal, subject, date '0001-01-01', 'erased', reason, null, records from temp.refused_totals
