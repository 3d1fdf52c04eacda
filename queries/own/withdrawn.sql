-- What the person has withdrawn of the contents of dataset versions and of what each model version was certainly
-- trained on; the first and the last of when.
with rules as (
    select t.signals, t.applications, t.from_at, t.until_at, t.created_at
    from tombstones t
    where t.subject = $subject
    union all
    select r.signals, r.applications, r.from_at, r.until_at, r.created_at
    from standing_rules r
    where r.subject = $subject and r.ended_at is null
), ended as (
    -- When the time of some of them was up, so that the file leaves these out from then on.
    select e.day, e.signal, e.application, min(e.ended_at) as ended_at
    from (
        select d.day, d.signal, d.application, d.retained_until + interval 1 day as ended_at
        from capture_daily d
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
        s.dataset_version, s.day, s.signal, s.application, s.events, min(w.created_at) as since,
        least(
            min(e.ended_at),
            min(try_cast(nullif(decode(case when s.day = date '0001-01-01' then s.digest else ''::blob end), '') as timestamp))
        ) as ended_at
    from dataset_slices s
    join rules w
        on (w.signals is null or list_contains(w.signals, s.signal))
        and (w.applications is null or list_contains(w.applications, s.application))
        and (w.from_at is null or s.last_at >= w.from_at)
        and (w.until_at is null or s.first_at < w.until_at)
    left join ended e on e.day = s.day and e.signal = s.signal and e.application = s.application
    where s.subject = $subject
    group by s.dataset_version, s.day, s.signal, s.application, s.events, s.digest
), readings as (
    select
        unnest($models::uuid[]) as model_version, unnest($datasets::uuid[]) as dataset_version,
        unnest($began::timestamp[]) as began_by
), of_models as (
    select r.model_version, s.day, s.signal, s.application, max(s.events) as events, min(s.since) as since
    from slices s
    join readings r on r.dataset_version = s.dataset_version and least(s.since, s.ended_at) > r.began_by
    group by r.model_version, s.day, s.signal, s.application
)
select
    null as dataset_version, null as model_version, count(*)::bigint as events, min(w.created_at) as since,
    max(w.created_at) as until
from rules w
union all
select s.dataset_version, null, sum(s.events)::bigint, min(s.since), max(s.since)
from slices s
group by s.dataset_version
union all
select null, m.model_version, sum(m.events)::bigint, min(m.since), max(m.since)
from of_models m
group by m.model_version
