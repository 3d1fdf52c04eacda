-- The policies and models that were told last.
select s.told_at, s.policies, s.models
from states s
order by s.told_at desc
limit 1
