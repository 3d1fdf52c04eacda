-- Write the totals of refused records.
insert into refused (refusal, subject, day, signal, reason, name, records)
select refusal, subject, date '0001-01-01', 'erased', reason, null, records from temp.refused_totals
