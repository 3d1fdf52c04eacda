-- Sessions of earlier turns: what they have not committed is rolled back.
select pg_terminate_backend(pid)
from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and starts_with(application_name, %s)
