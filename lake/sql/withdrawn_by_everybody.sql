-- People by dataset version whose captures must no longer be trained on: erased, objected to or restricted; and when the
-- last of these were first withdrawn or their time was up, so that later runs got none of them.
with rules as (
    select subject, signals, applications, from_at, until_at, created_at, true as in_force from tombstones
    union all
    select subject, signals, applications, from_at, until_at, created_at, ended_at is null from standing_rules
), ended as (
    -- When the time of some of them was up, so that the file leaves these out from then on.
    select e.subject, e.day, e.signal, e.application, min(e.ended_at) as ended_at
    from (
        select d.subject, d.day, d.signal, d.application, d.retained_until + interval 1 day as ended_at
        from capture_daily d
        union all
        select
            x.subject, x.day, x.signal, x.application,
            least(x.removed_at, x.day + (p.retention_days + 1) * interval 1 day)
        from (
            select
                r.subject, unnest(generate_series(r.first_day, r.last_day, interval 1 day))::date as day,
                r.signal, r.application, r.policy, r.removed_at
            from removals r
            where r.first_day > date '0001-01-01'
        ) x
        left join policies p on p.policy = x.policy
    ) e
    group by e.subject, e.day, e.signal, e.application
), withdrawn as (
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
