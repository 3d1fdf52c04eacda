-- The time span of the incoming rows, by subject, also of refused ones.
select subject::uuid, min(captured_at), max(captured_at)
from (
    select subject, captured_at from incoming
    union all
    select subject, captured_at from incoming_refused where captured_at is not null
)
group by subject
