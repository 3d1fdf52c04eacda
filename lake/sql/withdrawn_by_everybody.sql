-- People by dataset version whose captures must no longer be trained on: erased, objected to or restricted; and when the
-- last of these were first withdrawn or their time was up, so that later runs got none of them.
with rules as (
    select subject, signals, applications, from_at, until_at, created_at, true as in_force from tombstones
    union all
    select subject, signals, applications, from_at, until_at, created_at, ended_at is null from standing_rules
), people as (
    select r.subject from rules r
),
-- include ended_slices
, withdrawn as (
    select
        s.dataset_version, s.subject, s.day, s.signal, s.application,
        least(
            min(w.created_at), min(e.ended_at),
            min(try_cast(nullif(decode(case when s.day = date '0001-01-01' then s.digest else ''::blob end), '') as timestamp))
        ) as since,
        bool_or(w.in_force) as in_force
    from rules w
    join dataset_slices s
      on s.subject = w.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
    left join ended e
      on e.subject = s.subject and e.day = s.day and e.signal = s.signal and e.application = s.application
    group by s.dataset_version, s.subject, s.day, s.signal, s.application, s.digest
)
select dataset_version, subject, max(since)
from withdrawn
where in_force
group by dataset_version, subject
