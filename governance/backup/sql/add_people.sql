-- Add the people of the replaced directory whom the restored one doesn't know.
insert or ignore into employee (
    subject, email, name, sub, department, team, role, manager_email, regime, active, synchronised_at
)
select subject, email, name, sub, department, team, role, manager_email, regime, active, synchronised_at
from other.employee
where subject not in (select subject from main.employee)
