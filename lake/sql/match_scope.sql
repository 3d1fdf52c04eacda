-- What a scope covers, by application, signal, step (a day, or a quarter of an hour) and the holds that protect it: from
-- the rollup, and from captures only for the slices that a bound of the scope or of a hold cuts through.
with active_holds as (
    select * from holds where subject = $subject and lifted_at is null
), bounds as (
    select unnest([$from_at::timestamp, $until_at::timestamp]) as at
    union
    select unnest([from_at, until_at]) from active_holds
), slices as (
    select s.*, exists (select 1 from bounds b where s.first_at < b.at and b.at <= s.last_at) as divided
    from capture_rollup s
    where s.subject = $subject
      and ($signals::varchar[] is null or list_contains($signals::varchar[], s.signal))
      and ($applications::varchar[] is null or list_contains($applications::varchar[], s.application))
      and ($from_at::timestamp is null or s.last_at >= $from_at::timestamp)
      and s.first_at < $until_at::timestamp
), pieces as (
    select application, signal, first_at as captured_at, last_at, events from slices where not divided
    union all
    select c.application, c.signal, c.captured_at, c.captured_at, 1
    from captures c
    join slices s
      on s.divided and c.subject = s.subject and c.signal = s.signal and c.application = s.application
     and c.policy = s.policy and c.batch = s.batch and time_bucket(interval 15 minutes, c.captured_at) = s.starts_at
    where c.subject = $subject
      and ($from_at::timestamp is null or c.captured_at >= $from_at::timestamp)
      and c.captured_at < $until_at::timestamp
), covered as (
    select
        p.*,
        (
            select list(h.hold order by h.hold) from active_holds h
            where (h.signals is null or list_contains(h.signals, p.signal))
              and (h.applications is null or list_contains(h.applications, p.application))
              and (h.from_at is null or p.captured_at >= h.from_at)
              and (h.until_at is null or p.captured_at < h.until_at)
        ) as held_by
    from pieces p
)
select application, signal, held_by, time_bucket($step::interval, captured_at) as start, sum(events)::bigint
from covered
group by application, signal, held_by, start
order by application, signal, held_by, start
