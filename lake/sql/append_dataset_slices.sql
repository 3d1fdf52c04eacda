-- Record the manifest of a dataset version.
insert into dataset_slices
select $dataset_version, subject::uuid, day, signal, application, events from manifest order by subject, day
