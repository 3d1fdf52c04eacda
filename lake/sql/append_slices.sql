-- Store the slices of the new rows; the table's own order sorts them.
insert into capture_rollup (
    subject, starts_at, signal, application, policy, batch, retained_until, events, redacted, first_at, last_at
)
select
    subject::uuid, starts_at, signal, application, policy, batch::uuid, retained_until, events, redacted, first_at, last_at
from new_slices
