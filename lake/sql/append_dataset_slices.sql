-- Record the manifest of a dataset version.
insert into dataset_slices (dataset_version, subject, day, signal, application, events, digest, first_at, last_at)
select $dataset_version, subject::uuid, day, signal, application, events, digest, first_at, last_at
from manifest
order by subject, day
