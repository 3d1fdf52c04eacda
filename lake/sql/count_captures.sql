-- How many captures of one subject the lake has.
select count(*) from captures where subject = $subject
