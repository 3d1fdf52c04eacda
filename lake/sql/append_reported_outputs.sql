-- What runs were reported to have made.
insert into run_outputs (run, model_version) select r.run, r.model_version from reported r
