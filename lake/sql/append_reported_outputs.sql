-- What runs were reported to have made.
insert into run_outputs select r.run, r.model_version from reported r
