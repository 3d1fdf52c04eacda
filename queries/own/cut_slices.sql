-- The parts of the slices of some quarters of an hour, where a tombstone, a hold, a restriction or the scope covers a
-- slice only partly.
with rules as (
    select unnest(
        $rules::struct(effect varchar, signals varchar[], applications varchar[], from_at timestamp, until_at timestamp)[],
        max_depth := 2
    )
), pieces as (
    select
        c.signal, c.application, c.policy, c.retained_until, c.captured_at,
        count(*) as events, count(c.redactions) as redacted
    from captures c
    where c.subject = $subject
        and c.captured_at between $first_at and $last_at
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and list_contains($starts, time_bucket(interval 15 minutes, c.captured_at))
    group by all
), judged as (
    select
        p.*,
        coalesce(bool_or(r.effect = 'hidden'), false) as hidden,
        coalesce(bool_or(r.effect = 'held'), false) as held,
        coalesce(bool_or(r.effect = 'restricted'), false) as restricted
    from pieces p
    left join rules r
        on (r.signals is null or list_contains(r.signals, p.signal))
        and (r.applications is null or list_contains(r.applications, p.application))
        and coalesce(p.captured_at >= r.from_at, true)
        and coalesce(p.captured_at < r.until_at, true)
    group by all
)
select
    time_bucket(interval 15 minutes, captured_at) as start, signal, application, policy, retained_until,
    sum(events)::bigint as events, sum(redacted)::bigint as redacted,
    min(captured_at) as first_at, max(captured_at) as last_at, hidden, held, restricted
from judged
group by start, signal, application, policy, retained_until, hidden, held, restricted
order by start, signal, application, policy, retained_until
