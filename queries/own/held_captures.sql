-- How many captures each hold in force covers, one by one; those hidden by a tombstone count too.
select h.hold, count(*) as events
from holds h
join captures c
    on c.subject = $subject
    and (h.signals is null or list_contains(h.signals, c.signal))
    and (h.applications is null or list_contains(h.applications, c.application))
    and coalesce(c.captured_at >= h.from_at, true)
    and coalesce(c.captured_at < h.until_at, true)
where h.subject = $subject and h.lifted_at is null
group by h.hold
