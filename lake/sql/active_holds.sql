-- The holds on one subject that are in force.
select hold, case_reference, exception, review_on
from holds
where subject = $subject and lifted_at is null
order by hold
