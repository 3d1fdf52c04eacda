-- Which captures an erasure request takes out: its scope, less what is held.
create or replace temp table leaving as
select c.capture_id, c.subject, c.captured_at::date as day, c.signal, c.application, c.policy, c.batch
from captures c
where c.subject = $subject
  and ($signals::varchar[] is null or list_contains($signals::varchar[], c.signal))
  and ($applications::varchar[] is null or list_contains($applications::varchar[], c.application))
  and ($from_at::timestamp is null or c.captured_at >= $from_at::timestamp)
  and c.captured_at < $until_at::timestamp
  and not exists (
      select 1 from holds h
      where h.subject = $subject and h.lifted_at is null
        and (h.signals is null or list_contains(h.signals, c.signal))
        and (h.applications is null or list_contains(h.applications, c.application))
        and (h.from_at is null or c.captured_at >= h.from_at)
        and (h.until_at is null or c.captured_at < h.until_at)
  )
