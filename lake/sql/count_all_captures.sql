-- The number of all captures in the lake.
select count(*) from captures
