-- Roll the new rows up into slices.
insert into capture_rollup
select
    subject, time_bucket(interval 15 minutes, captured_at), signal, application, policy, batch, max(retained_until),
    count(*), count(*) filter (redactions is not null), min(captured_at), max(captured_at)
from sorted_incoming
where fate = 'new'
group by subject, time_bucket(interval 15 minutes, captured_at), signal, application, policy, batch
order by subject, time_bucket(interval 15 minutes, captured_at)
