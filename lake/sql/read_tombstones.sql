-- Every tombstone.
select * from tombstones order by created_at, request
