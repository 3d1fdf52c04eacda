-- Captures that erasure requests removed so far, by application and signal.
select r.request, r.application, r.signal, min(r.first_day), max(r.last_day), sum(r.events)::bigint
from removals r
join asked a on r.request = a.request and r.subject = a.subject
group by r.request, r.application, r.signal
order by r.request, r.application, r.signal
