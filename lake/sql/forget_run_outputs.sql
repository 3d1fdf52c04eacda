-- Delete reported outputs of runs that a new report replaces.
delete from run_outputs where list_contains($runs, run)
