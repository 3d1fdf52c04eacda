-- What runs read without proving anything.
insert into run_unproven (run, dataset_version, too_early)
select r.run, r.dataset_version, r.too_early from reported r
