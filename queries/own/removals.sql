-- Removed captures, newest first. After an erasure of everything only totals are left, without days.
select
    r.removed_at, r.cause, r.request, r.policy, r.signal, r.application,
    nullif(r.first_day, date '0001-01-01') as first_day, nullif(r.last_day, date '0001-01-01') as last_day, r.events
from removals r
where r.subject = $subject
order by r.removed_at desc, r.cause, r.policy, r.signal, r.application, r.first_day
