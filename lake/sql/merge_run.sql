-- Record a run, as it is known now.
merge into runs as r
using (select $run::uuid as run) as new on r.run = new.run
when matched and (
    r.job is distinct from $job
    or r.purpose is distinct from $purpose
    or r.state is distinct from $state
    or r.started_at is distinct from $started_at
    or r.ended_at is distinct from $ended_at
) then update set
    job = $job, purpose = $purpose, state = $state, started_at = $started_at, ended_at = $ended_at,
    reported_at = $reported_at
when not matched then insert values ($run, $origin, $job, $purpose, $state, $started_at, $ended_at, $reported_at)
