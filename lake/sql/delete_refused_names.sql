-- Delete the names of the applications.
delete from refused_names
where list_contains($subjects::uuid[], subject)
