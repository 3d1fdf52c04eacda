-- How many captures are past their last day and still here.
select count(*) from captures where retained_until < $today
