-- Store the new rows; the table's own order sorts them.
insert into captures (
    capture_id, subject, captured_at, signal, application, x, y, session, source, batch, policy, retained_until,
    redactions, sealed
)
select
    capture_id::uuid, subject::uuid, captured_at, signal, application, x, y, session::uuid, source, batch::uuid, policy,
    retained_until, redactions, sealed
from new_captures
