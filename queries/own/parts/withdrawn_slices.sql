-- `slices`: the person's slices in dataset versions; when each was first withdrawn (`withdrawn_at`), first by a rule that
-- is in force (`since`), and when its time was up (`ended_at`). A run that began later didn't get it.
rules as (
    select t.signals, t.applications, t.from_at, t.until_at, t.created_at, true as in_force
    from tombstones t
    where t.subject = $subject
    union all
    select r.signals, r.applications, r.from_at, r.until_at, r.created_at, r.ended_at is null
    from standing_rules r
    where r.subject = $subject
), ended as (
    -- When the time of some of them was up, so that the file leaves these out from then on.
    select e.day, e.signal, e.application, min(e.ended_at) as ended_at
    from (
        select d.starts_at::date as day, d.signal, d.application, d.retained_until + interval 1 day as ended_at
        from capture_rollup d
        where d.subject = $subject
        union all
        select
            x.day, x.signal, x.application,
            least(x.removed_at, x.day + (p.retention_days + 1) * interval 1 day)
        from (
            select
                unnest(generate_series(r.first_day, r.last_day, interval 1 day))::date as day, r.signal,
                r.application, r.policy, r.removed_at
            from removals r
            where r.subject = $subject and r.first_day > date '0001-01-01'
        ) x
        left join policies p on p.policy = x.policy
    ) e
    group by e.day, e.signal, e.application
), slices as (
    select
        s.dataset_version, s.day, s.signal, s.application, s.events, s.first_at, s.last_at,
        min(w.created_at) as withdrawn_at,
        min(w.created_at) filter (where w.in_force) as since,
        least(
            min(e.ended_at),
            min(try_cast(nullif(decode(case when s.day = date '0001-01-01' then s.digest else ''::blob end), '') as timestamp))
        ) as ended_at
    from (select *, row_number() over () as number from dataset_slices where subject = $subject) s
    left join rules w
        on (w.signals is null or list_contains(w.signals, s.signal))
        and (w.applications is null or list_contains(w.applications, s.application))
        and (w.from_at is null or s.last_at >= w.from_at)
        and (w.until_at is null or s.first_at < w.until_at)
    left join ended e on e.day = s.day and e.signal = s.signal and e.application = s.application
    group by s.number, s.dataset_version, s.day, s.signal, s.application, s.events, s.digest, s.first_at, s.last_at
)
