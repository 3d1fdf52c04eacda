-- Record counts of removed captures, by cause and request.
insert into removals
select
    uuid(), subject, $now, $cause, request, policy, signal, application, min(starts_at)::date, max(starts_at)::date,
    count(*)
from leaving
group by subject, request, policy, signal, application
