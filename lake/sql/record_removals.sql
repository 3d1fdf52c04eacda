-- Record counts of removed captures, by cause and request.
insert into removals
select uuid(), subject, $now, $cause, request, policy, signal, application, min(day), max(day), count(*)
from leaving
group by subject, request, policy, signal, application
