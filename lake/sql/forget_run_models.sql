-- Delete rows of runs that a new report replaces.
delete from run_models where list_contains($runs, run)
