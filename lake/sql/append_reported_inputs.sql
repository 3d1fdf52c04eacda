-- What runs were reported to have read.
insert into run_inputs (run, dataset_version, part) select r.run, r.dataset_version, r.part from reported r
