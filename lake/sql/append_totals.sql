-- Write the totals.
insert into removals (
    removal, subject, removed_at, cause, request, policy, signal, application, first_day, last_day, events
)
select removal, subject, removed_at, cause, request, policy, signal, application, first_day, last_day, events
from temp.totals
