-- Runs as they are known.
select run, job, purpose, state, started_at, ended_at from runs where list_contains($runs, run)
