-- Where the pointer was, in at most 66 x 66 squares, however many records there are.
with points as (
    select c.x, c.y, c.signal
    from captures c
    where c.subject = $subject
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and c.signal in ('mouse_move', 'mouse_click', 'scroll')
        and c.x is not null
        and c.y is not null
-- include not_hidden
), sizes as (
    select
        greatest(16, ceil(greatest(max(p.x)::bigint - min(p.x)::bigint, max(p.y)::bigint - min(p.y)::bigint) / 64.0))::bigint as side
    from points p
)
select
    floor(p.x / s.side)::bigint * s.side as x, floor(p.y / s.side)::bigint * s.side as y, s.side,
    max(p.x)::bigint as most_x, max(p.y)::bigint as most_y,
    count(*)::bigint as events, count(*) filter (where p.signal = 'mouse_click')::bigint as clicks
from points p, sizes s
group by floor(p.x / s.side), floor(p.y / s.side), s.side
order by events desc, y, x
