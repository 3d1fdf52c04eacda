-- What hides, holds or restricts captures of the person.
select 'hidden' as effect, t.signals, t.applications, t.from_at, t.until_at
from tombstones t
where t.subject = $subject
union all
select 'held', h.signals, h.applications, h.from_at, h.until_at
from holds h
where h.subject = $subject and h.lifted_at is null
union all
select 'restricted', s.signals, s.applications, s.from_at, s.until_at
from standing_rules s
where s.subject = $subject and s.kind = 'restriction' and s.ended_at is null
