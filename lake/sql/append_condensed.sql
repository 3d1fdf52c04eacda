-- Write what is left of the slices.
insert into dataset_slices (dataset_version, subject, day, signal, application, events, digest, first_at, last_at)
select dataset_version, subject, day, signal, application, events, digest, first_at, last_at
from temp.condensed
order by subject, dataset_version
