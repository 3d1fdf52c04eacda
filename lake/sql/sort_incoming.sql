-- Which incoming rows of one subject are new, already known, or erased before.
create or replace temp table sorted_incoming as
with incoming_rows as (
    select
        capture_id::uuid as capture_id, subject::uuid as subject, captured_at, signal, application, x, y,
        session::uuid as session, source, batch::uuid as batch, policy, retained_until, redactions, sealed
    from incoming
), span as (
    select min(captured_at) as first_at, max(captured_at) as last_at from incoming_rows
)
select
    i.*,
    case
        when exists (
            select 1 from tombstones t
            where t.subject = $subject
              and (t.signals is null or list_contains(t.signals, i.signal))
              and (t.applications is null or list_contains(t.applications, i.application))
              and (t.from_at is null or i.captured_at >= t.from_at)
              and i.captured_at < t.until_at
        ) then 'erased_before'
        when i.capture_id in (
            select c.capture_id from captures c, span
            where c.subject = $subject and c.captured_at between span.first_at and span.last_at
        ) then 'already_known'
        else 'new'
    end as fate
from incoming_rows i
