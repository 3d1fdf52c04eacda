-- The requests were worked on.
drop table if exists temp.asked
