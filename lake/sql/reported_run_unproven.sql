-- What runs are known to have read without proving anything.
select run, dataset_version, too_early from run_unproven where list_contains($runs, run)
