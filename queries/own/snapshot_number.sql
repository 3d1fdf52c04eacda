-- Which state of the lake this transaction sees.
select id from lake.current_snapshot()
