-- All violations without naming people: one row per kind, run and dataset version, newest first.
select
    v.kind, v.run, r.job, r.purpose as run_purpose, r.started_at, v.dataset_version, d.namespace, d.dataset, d.version,
    d.purpose as dataset_purpose, count(distinct v.subject)::bigint as people, sum(v.events)::bigint as events,
    min(v.found_at) as found_at
from violations v
left join runs r on r.run = v.run
left join dataset_versions d on d.dataset_version = v.dataset_version
group by all
order by found_at desc, v.run, v.dataset_version, v.kind
