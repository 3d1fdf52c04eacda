-- Record counts of removed captures, by cause and request.
insert into removals (
    removal, subject, removed_at, cause, request, policy, signal, application, first_day, last_day, events
)
select
    uuid(), subject, $now, $cause, request, policy, signal, application, min(starts_at)::date, max(starts_at)::date,
    sum(events)::bigint
from leaving_slices
group by subject, request, policy, signal, application
