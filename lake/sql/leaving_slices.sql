-- The slices of the captures that leave, by request.
create or replace temp table leaving_slices as
select subject, starts_at, signal, application, policy, batch, request, count(*) as events
from leaving
group by subject, starts_at, signal, application, policy, batch, request
union all
select r.subject, r.starts_at, r.signal, r.application, r.policy, r.batch, p.request, r.events
from capture_rollup r
join people_leaving p on p.subject = r.subject
