-- What happened in each minute: how many records of each application and kind.
select date_trunc('minute', c.captured_at) as minute, c.application, c.signal, count(*)::bigint as events
from captures c
where c.subject = $subject
    and c.captured_at >= $from_at
    and c.captured_at < $until_at
-- include not_hidden
group by date_trunc('minute', c.captured_at), c.application, c.signal
order by minute, c.application, c.signal
