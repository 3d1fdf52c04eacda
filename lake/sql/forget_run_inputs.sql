-- Delete reported inputs of runs that a new report replaces.
delete from run_inputs where list_contains($runs, run)
