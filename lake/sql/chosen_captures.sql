-- The ids of the captures in the chosen slices, slice by slice, as their 16 bytes.
with
-- include objected
select unhex(replace(c.capture_id::varchar, '-', '')) as id
from captures c
join temp.chosen s
  on s.subject = c.subject and s.day = c.captured_at::date and s.signal = c.signal and s.application = c.application
where c.captured_at >= $first_day and c.captured_at < $last_day + interval 1 day
  and c.retained_until >= $today
  and c.capture_id not in (select o.capture_id from objected o)
  and ($policies is null or list_contains($policies, c.policy))
  and (
      not list_contains($needing, c.policy)
      or c.subject::varchar || ' ' || c.policy in (select unnest($consented::varchar[]))
  )
order by s.slice, c.capture_id
