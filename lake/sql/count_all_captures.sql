-- How many captures the lake holds, of everybody.
select count(*) from captures
