-- Lifted legal holds.
select
    h.hold, h.case_reference as "case", h.exception, h.signals, h.applications, h.from_at, h.until_at, h.placed_at,
    h.lifted_at
from holds h
where h.subject = $subject and h.lifted_at is not null
order by h.placed_at, h.hold
