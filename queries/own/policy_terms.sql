-- What is said of a policy beside what was kept or removed under it.
select policy, name, retention_days
from policies
