-- The snapshot of the lake that this transaction sees.
select id from lake.current_snapshot()
