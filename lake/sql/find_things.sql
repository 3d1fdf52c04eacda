-- The newest version of each thing that a person has from a source.
select capture_id, captured_at, signal, application, session, sealed
from captures
where subject = $subject and source = $source and sealed is not null
