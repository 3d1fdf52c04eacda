-- Whom the violations that were found after a moment concern: one row per person and run.
select subject, run, max(found_at) as found_at
from violations
where subject is not null and found_at > $since
group by subject, run
order by found_at, run, subject
