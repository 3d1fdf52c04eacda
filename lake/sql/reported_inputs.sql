-- What runs are known to have read.
select run, dataset_version, part from run_inputs where list_contains($runs, run)
