-- The holds in force; `events` counts the slices that a hold covers fully, `cut`: it covers more partly.
with slices as (
    select
        d.starts_at, d.signal, d.application,
        sum(d.events)::bigint as events, min(d.first_at) as first_at, max(d.last_at) as last_at
    from capture_rollup d
    where d.subject = $subject
    group by d.starts_at, d.signal, d.application
), judged as (
    select
        h.hold, s.events,
        coalesce(s.first_at >= h.from_at, true) and coalesce(s.last_at < h.until_at, true) as covered
    from holds h
    join slices s
        on (h.signals is null or list_contains(h.signals, s.signal))
        and (h.applications is null or list_contains(h.applications, s.application))
        and coalesce(s.last_at >= h.from_at, true)
        and coalesce(s.first_at < h.until_at, true)
    where h.subject = $subject and h.lifted_at is null
), counted as (
    select j.hold, sum(j.events)::bigint as events, bool_or(not j.covered) as cut
    from judged j
    group by j.hold
)
select
    h.hold, h.case_reference as "case", h.exception, h.signals, h.applications, h.from_at, h.until_at, h.placed_at,
    h.review_on, coalesce(k.events, 0) as events, coalesce(k.cut, false) as cut
from holds h
left join counted k on k.hold = h.hold
where h.subject = $subject and h.lifted_at is null
order by h.placed_at, h.hold
