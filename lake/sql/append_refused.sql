-- Record what was refused.
insert into refused (refusal, subject, day, signal, reason, name, records)
select refusal, subject, day, signal, reason, name, 1 from new_refused order by subject, day
