-- The captures that retention removes: past their last day, without what is held or kept at the owner's wish.
create or replace temp table leaving as
select
    c.capture_id, c.subject, time_bucket(interval 15 minutes, c.captured_at) as starts_at, c.signal, c.application,
    c.policy, c.batch, null::uuid as request
from captures c
where c.retained_until < $today
  and not
-- include held
  and not exists (
      select 1 from standing_rules s
      where s.subject = c.subject and s.kind = 'restriction' and s.ended_at is null
        and (s.signals is null or list_contains(s.signals, c.signal))
        and (s.applications is null or list_contains(s.applications, c.application))
        and (s.from_at is null or c.captured_at >= s.from_at)
        and (s.until_at is null or c.captured_at < s.until_at)
  )
