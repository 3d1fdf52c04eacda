-- The last published policies and models.
select s.told_at, s.policies, s.models
from states s
order by s.told_at desc
limit 1
