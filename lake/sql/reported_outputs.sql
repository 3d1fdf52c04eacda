-- What a run is known to have made.
select model_version from run_outputs where run = $run
