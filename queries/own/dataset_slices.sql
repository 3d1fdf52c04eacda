-- Every slice of the person that a dataset version holds, and which version of which dataset that is. Where the contents
-- were erased, only the number of captures is left.
select
    s.dataset_version, v.dataset, v.version as dataset_release, v.purpose, v.created_at,
    nullif(s.day, date '0001-01-01') as day,
    case when s.day > date '0001-01-01' then s.signal else 'erased' end as signal,
    case when s.day > date '0001-01-01' then s.application else 'erased' end as application,
    s.events
from dataset_slices s
left join dataset_versions v on v.dataset_version = s.dataset_version
where s.subject = $subject
order by v.created_at, s.dataset_version, s.day, s.signal, s.application
