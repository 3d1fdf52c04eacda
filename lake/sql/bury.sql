-- Write a request's tombstone, once.
insert into tombstones
select $tombstone, $subject, $request, $now, $signals, $applications, $from_at, $until_at
where not exists (select 1 from tombstones where request = $request)
