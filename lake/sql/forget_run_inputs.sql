-- What a run was said to have read, before something else was said.
delete from run_inputs where run = $run
