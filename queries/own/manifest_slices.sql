-- The person's slices in the manifest of one dataset version, in the order of its tree; not what was erased of it.
select s.day::varchar as day, s.signal, s.application, s.events, lower(hex(s.digest)) as digest
from dataset_slices s
where s.subject = $subject and s.dataset_version = $dataset_version and s.day > date '0001-01-01'
order by s.day, s.signal, s.application
