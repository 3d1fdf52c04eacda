-- Every hold, including lifted ones.
select * from holds order by placed_at, hold
