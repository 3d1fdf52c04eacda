-- Every hold, newest first.
select
    h.hold, h.subject, h.case_reference, h.exception, h.signals, h.applications, h.from_at, h.until_at, h.placed_at,
    h.review_on, h.lifted_at
from holds h
order by h.placed_at desc, h.hold
