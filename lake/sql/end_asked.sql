-- Drop the requests worked on together.
drop table if exists temp.asked
