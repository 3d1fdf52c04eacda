-- The slices of the captures in `leaving`.
create or replace temp table leaving_slices as
select subject, starts_at, signal, application, policy, batch, count(*) as events
from leaving
group by subject, starts_at, signal, application, policy, batch
