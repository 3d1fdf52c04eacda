-- The captures that erasure requests remove, besides all of `people_leaving`: their scopes without what is held; shared
-- ones count for the earliest.
create or replace temp table leaving as
select
    c.capture_id, c.subject, time_bucket(interval 15 minutes, c.captured_at) as starts_at, c.signal, c.application,
    c.policy, c.batch,
    arg_min(a.request, a.number) as request
from captures c
join asked a
  on c.subject = a.subject
 and (a.signals is null or list_contains(a.signals, c.signal))
 and (a.applications is null or list_contains(a.applications, c.application))
 and (a.from_at is null or c.captured_at >= a.from_at)
 and c.captured_at < a.until_at
where a.subject not in (select subject from people_leaving)
  and (
      a.despite_holds or not
-- include held
  )
group by c.capture_id, c.subject, c.captured_at, c.signal, c.application, c.policy, c.batch
