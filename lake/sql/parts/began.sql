-- A part of a run that has no START of its own began after the run that it belongs to.
began as (
    select r.run, coalesce(r.started_at, max(p.started_at)) as started_at
    from runs r
    left join run_parents q on q.run = r.run and q.own
    left join runs p on p.run = q.parent
    where list_contains($runs, r.run)
    group by r.run, r.started_at
)
