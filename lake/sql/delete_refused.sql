-- Delete the details that `refused_totals` replaces.
delete from refused
where exists (select 1 from temp.refused_totals t where t.subject = refused.subject and t.reason = refused.reason)
