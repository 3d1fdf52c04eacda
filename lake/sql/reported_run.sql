-- A run as it is known.
select job, purpose, state, started_at, ended_at from runs where run = $run
