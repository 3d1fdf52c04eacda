-- The chosen slices.
select subject, day, signal, application, events, first_at, last_at from temp.chosen order by slice
