-- The number of the newest migration that the lake has had.
select coalesce(max(number), 0) from migrations
