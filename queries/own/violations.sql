-- Runs that read captures the person had withdrawn, or their consent to, or read their captures for another purpose than declared.
select
    v.violation, v.kind, r.job, r.purpose as run_purpose, r.started_at, d.dataset, d.version,
    d.purpose as dataset_purpose, v.request, v.events, v.found_at
from violations v
left join runs r on r.run = v.run
left join dataset_versions d on d.dataset_version = v.dataset_version
where v.subject = $subject
order by v.found_at desc, v.violation
