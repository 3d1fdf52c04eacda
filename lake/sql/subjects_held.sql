-- Subjects with captures that a hold may withhold.
select distinct h.subject from holds h where h.lifted_at is null and h.subject in (select subject from asked)
