-- What was said of runs, before something else was said.
delete from run_outputs where list_contains($runs, run)
