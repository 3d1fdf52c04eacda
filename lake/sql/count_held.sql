-- How many captures one hold covers; of one subject, so that files are pruned.
select count(*)
from captures c
where c.subject = $subject
  and ($signals::varchar[] is null or list_contains($signals::varchar[], c.signal))
  and ($applications::varchar[] is null or list_contains($applications::varchar[], c.application))
  and ($from_at::timestamp is null or c.captured_at >= $from_at::timestamp)
  and ($until_at::timestamp is null or c.captured_at < $until_at::timestamp)
