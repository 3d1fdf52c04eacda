-- Write the tombstones of requests, each once.
insert into tombstones (tombstone, subject, request, created_at, signals, applications, from_at, until_at)
select uuid(), a.subject, a.request, $now, a.signals, a.applications, a.from_at, a.until_at
from asked a
where not exists (select 1 from tombstones t where t.request = a.request)
