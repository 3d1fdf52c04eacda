-- Every hold, lifted ones included.
select * from holds order by placed_at, hold
