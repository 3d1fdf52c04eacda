-- The dataset versions that hold slices of a scope. A slice that the scope touches counts in full.
select s.dataset_version, sum(s.events)::bigint as events
from dataset_slices s
where s.subject = $subject
    and s.last_at >= $from_at
    and s.first_at < $until_at
    and ($signals is null or list_contains($signals, s.signal))
    and ($applications is null or list_contains($applications, s.application))
group by s.dataset_version
order by s.dataset_version
