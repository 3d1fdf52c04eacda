-- Delete runs that a new report replaces.
delete from runs where list_contains($runs, run)
