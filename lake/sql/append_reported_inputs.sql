-- What runs were reported to have read.
insert into run_inputs select r.run, r.dataset_version, r.part from reported r
