-- Whose captures of a source have one of these times, and which session they have.
select distinct subject, captured_at, session
from captures
where source = $source and list_contains($times::timestamp[], captured_at)
