-- What a run is known to have read.
select dataset_version, part from run_inputs where run = $run
