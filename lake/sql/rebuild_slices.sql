-- Recompute the rollup of slices that lost captures, of people who have any left.
insert into capture_rollup (
    subject, starts_at, signal, application, policy, batch, retained_until, events, redacted, first_at, last_at
)
select
    c.subject, s.starts_at, c.signal, c.application, c.policy, c.batch, max(c.retained_until),
    count(*), count(*) filter (c.redactions is not null), min(c.captured_at), max(c.captured_at)
from captures c
join (
    select distinct subject, starts_at, signal, application, policy, batch
    from leaving_slices
    where subject in (select subject from people_left)
) s
  on c.subject = s.subject and time_bucket(interval 15 minutes, c.captured_at) = s.starts_at and c.signal = s.signal
 and c.application = s.application and c.policy = s.policy and c.batch = s.batch
where c.subject in (select subject from people_left)
group by c.subject, s.starts_at, c.signal, c.application, c.policy, c.batch
order by c.subject, s.starts_at
