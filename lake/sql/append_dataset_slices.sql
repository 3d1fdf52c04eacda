-- Record the manifest of a dataset version.
insert into dataset_slices
select $dataset_version, subject::uuid, day, signal, application, events, digest, first_at, last_at
from manifest
order by subject, day
