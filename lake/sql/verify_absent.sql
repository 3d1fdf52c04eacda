-- How many captures in the scope, and slices that count any, are still here and not held.
with active_holds as (
    select * from holds where subject = $subject and lifted_at is null
), found as (
    select signal, application, captured_at as first_at, captured_at as last_at from captures where subject = $subject
    union all
    select signal, application, first_at, last_at from capture_daily where subject = $subject
)
select count(*)
from found f
where ($signals::varchar[] is null or list_contains($signals::varchar[], f.signal))
  and ($applications::varchar[] is null or list_contains($applications::varchar[], f.application))
  and ($from_at::timestamp is null or f.first_at >= $from_at::timestamp)
  and f.last_at < $until_at::timestamp
  and not exists (
      select 1 from active_holds h
      where (h.signals is null or list_contains(h.signals, f.signal))
        and (h.applications is null or list_contains(h.applications, f.application))
        and (h.from_at is null or f.last_at >= h.from_at)
        and (h.until_at is null or f.first_at < h.until_at)
  )
