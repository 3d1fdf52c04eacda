-- The person's slices in dataset versions, and when each was first withdrawn or its time was up: runs that began later
-- didn't get it.
with
-- include withdrawn_slices
select
    s.dataset_version, s.day, s.signal, s.application, s.events, least(s.withdrawn_at, s.ended_at) as withdrawn_at
from slices s
