-- What runs are known to have made.
select run, model_version from run_outputs where list_contains($runs, run)
