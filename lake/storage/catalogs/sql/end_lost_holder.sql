-- Ends the session that holds a lock and has shown no sign of life for so many seconds.
select pg_terminate_backend(activity.pid)
from pg_locks held
join pg_stat_activity activity using (pid)
where held.locktype = 'advisory'
  and held.granted
  and held.database = (select oid from pg_database where datname = current_database())
  and held.objsubid = 1
  and held.classid::bigint << 32 | held.objid::bigint = %(key)s
  and clock_timestamp() - activity.state_change > make_interval(secs => %(seconds)s)
