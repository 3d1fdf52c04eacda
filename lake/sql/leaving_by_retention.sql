-- Which captures retention takes out: past their last day, less what is held.
create or replace temp table leaving as
select c.capture_id, c.subject, c.captured_at::date as day, c.signal, c.application, c.policy, c.batch,
    null::uuid as request
from captures c
where c.retained_until < $today
  and not exists (
      select 1 from holds h
      where h.subject = c.subject and h.lifted_at is null
        and (h.signals is null or list_contains(h.signals, c.signal))
        and (h.applications is null or list_contains(h.applications, c.application))
        and (h.from_at is null or c.captured_at >= h.from_at)
        and (h.until_at is null or c.captured_at < h.until_at)
  )
