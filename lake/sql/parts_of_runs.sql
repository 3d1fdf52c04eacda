-- The runs that name one of these runs as theirs.
select distinct run from run_parents where list_contains($runs, parent)
