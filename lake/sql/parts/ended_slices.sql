-- `ended`: when the time of slices of the `people` was up, so that a file leaves these out from then on.
ended as (
    select e.subject, e.day, e.signal, e.application, min(e.ended_at) as ended_at
    from (
        select
            d.subject, d.starts_at::date as day, d.signal, d.application, d.retained_until + interval 1 day as ended_at
        from capture_rollup d
        where d.subject in (select p.subject from people p)
        union all
        select
            x.subject, x.day, x.signal, x.application,
            least(x.removed_at, x.day + (p.retention_days + 1) * interval 1 day)
        from (
            select
                r.subject, unnest(generate_series(r.first_day, r.last_day, interval 1 day))::date as day,
                r.signal, r.application, r.policy, r.removed_at
            from removals r
            where r.subject in (select p.subject from people p) and r.first_day > date '0001-01-01'
        ) x
        left join policies p on p.policy = x.policy
    ) e
    group by e.subject, e.day, e.signal, e.application
)
