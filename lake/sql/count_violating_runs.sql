-- Of how many runs it was found in a period that they used data without permission.
select count(distinct run)
from violations
where found_at >= $since and found_at < $until
