-- Add the undecided proposals about people whom the restored directory doesn't know.
insert or ignore into link (proposal, subject, sub, line, proposed_at)
select proposal, subject, sub, line, proposed_at
from other.link
where subject not in (select subject from main.employee)
