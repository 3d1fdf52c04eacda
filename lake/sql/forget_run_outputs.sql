-- What a run was said to have made, before something else was said.
delete from run_outputs where run = $run
