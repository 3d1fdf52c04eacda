-- Which runs runs are known to belong to.
select run, parent, own from run_parents where list_contains($runs, run)
