-- How many captures will be removed, of how many people.
select coalesce(sum(events), 0)::bigint, count(distinct subject) from leaving_slices
