-- What an erasure request took out so far, by application and signal.
select application, signal, min(first_day), max(last_day), sum(events)::bigint
from removals
where subject = $subject and request = $request
group by application, signal
order by application, signal
