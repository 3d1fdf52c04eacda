-- Every version of the things of which the incoming rows, or those and the lake together, have more than one. One that
-- comes in and is in the lake already is there twice: an older one is left out, and removed from the lake.
with incoming_things as (
    select subject::uuid as subject, session::uuid as session, capture_id::uuid as capture_id,
        any_value(captured_at) as captured_at, any_value(sealed) as sealed, true as incoming
    from incoming
    where sealed is not null
    group by subject, session, capture_id
), stored as (
    select c.subject, c.session, c.capture_id, c.captured_at, c.sealed, false as incoming
    from captures c
    where c.source = $source and c.sealed is not null
      and c.captured_at >= (select min(captured_at) from incoming_things)
      and c.captured_at <= (select max(captured_at) from incoming_things)
      and c.session in (select session from incoming_things)
), versions as (
    select * from incoming_things
    union all
    select * from stored
)
select subject, session, capture_id, sealed, incoming
from versions
qualify min(capture_id) over (partition by subject, session) <> max(capture_id) over (partition by subject, session)
order by subject, session, capture_id
