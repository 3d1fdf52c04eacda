-- The people who lost captures and still have some.
create or replace temp table people_left as
select distinct subject from captures where subject in (select subject from leaving_slices)
