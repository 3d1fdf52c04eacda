-- Every hold, newest first; `events` counts the slices that one in force covers fully, `cut`: it covers more partly.
with judged as (
    select
        h.hold, d.events,
        coalesce(d.first_at >= h.from_at, true) and coalesce(d.last_at < h.until_at, true) as covered
    from holds h
    join capture_daily d
      on d.subject = h.subject
     and (h.signals is null or list_contains(h.signals, d.signal))
     and (h.applications is null or list_contains(h.applications, d.application))
     and coalesce(d.last_at >= h.from_at, true)
     and coalesce(d.first_at < h.until_at, true)
    where h.lifted_at is null
), counted as (
    select hold, coalesce(sum(events) filter (where covered), 0)::bigint as events, bool_or(not covered) as cut
    from judged
    group by hold
)
select
    h.hold, h.subject, h.case_reference, h.exception, h.signals, h.applications, h.from_at, h.until_at, h.placed_at,
    h.review_on, h.lifted_at, coalesce(c.events, 0) as events, coalesce(c.cut, false) as cut
from holds h
left join counted c on c.hold = h.hold
order by h.placed_at desc, h.hold
