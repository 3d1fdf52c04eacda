-- What was removed of people of whom nothing is left: one total for each request, and one for retention.
create or replace temp table totals as
select
    uuid() as removal, subject, min(removed_at) as removed_at, cause, request, 'erased' as policy, 'erased' as signal,
    'erased' as application, date '0001-01-01' as first_day, date '0001-01-01' as last_day,
    sum(events)::bigint as events
from removals
where list_contains($subjects::uuid[], subject)
group by subject, cause, request
having bool_or(first_day > date '0001-01-01')
