-- Roll the new rows up into slices.
insert into capture_daily
select
    subject, captured_at::date, signal, application, policy, batch, max(retained_until),
    count(*), count(*) filter (redactions is not null), min(captured_at), max(captured_at)
from sorted_incoming
where fate = 'new'
group by subject, captured_at::date, signal, application, policy, batch
order by subject, captured_at::date
