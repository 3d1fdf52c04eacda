-- How many records of typing and of the pointer follow the one before within `$most` seconds, in the same session, and
-- the middle half of these times.
with gaps as (
    select
        c.signal,
        epoch(c.captured_at - lag(c.captured_at) over (
            partition by c.signal, c.session order by c.captured_at, c.capture_id
        )) as seconds
    from captures c
    where c.subject = $subject
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and c.signal in ('keystroke', 'mouse_move', 'mouse_click')
-- include not_hidden
)
select
    g.signal, count(*)::bigint as events,
    count(*) filter (where g.seconds <= $most)::bigint as close,
    coalesce(quantile_cont(g.seconds, 0.25) filter (where g.seconds <= $most), 0.0) as lower,
    coalesce(quantile_cont(g.seconds, 0.5) filter (where g.seconds <= $most), 0.0) as middle,
    coalesce(quantile_cont(g.seconds, 0.75) filter (where g.seconds <= $most), 0.0) as upper
from gaps g
group by g.signal
order by g.signal
