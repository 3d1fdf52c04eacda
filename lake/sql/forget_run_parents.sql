-- Delete rows of runs that a new report replaces.
delete from run_parents where list_contains($runs, run)
