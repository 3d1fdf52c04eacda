-- The person's slices in dataset versions.
select s.dataset_version, s.day, s.signal, s.application, s.events
from dataset_slices s
where s.subject = $subject
