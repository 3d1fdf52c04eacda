-- What was said of runs, before something else was said.
delete from runs where list_contains($runs, run)
