-- Whose names are masked.
select distinct subject from name_masks where ended_at is null
