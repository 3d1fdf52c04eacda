-- Delete the details that `totals` replaces.
delete from removals
where exists (
    select 1 from temp.totals t
    where t.subject = removals.subject and t.cause = removals.cause and t.request is not distinct from removals.request
)
