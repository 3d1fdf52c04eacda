-- The requests whose tombstones have no end yet.
select request from tombstones where until_at >= $no_end
