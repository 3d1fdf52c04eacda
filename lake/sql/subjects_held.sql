-- Of whom a hold withholds something, perhaps.
select distinct h.subject from holds h where h.lifted_at is null and h.subject in (select subject from asked)
