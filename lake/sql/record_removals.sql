-- Record what left, why and for which request, in counts.
insert into removals
select uuid(), subject, $now, $cause, request, policy, signal, application, min(day), max(day), count(*)
from leaving
group by subject, request, policy, signal, application
