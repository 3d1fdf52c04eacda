-- The snapshot of the first shard that this transaction sees, on a connection to a further one.
select id from common.current_snapshot()
