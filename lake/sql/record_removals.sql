-- Record what left and why, in counts.
insert into removals
select uuid(), subject, $now, $cause, $request, policy, signal, application, min(day), max(day), sum(events)
from leaving_slices
group by subject, policy, signal, application
