-- In which records of others the person is mentioned, quoted or assigned: how many, by UTC day, application and role, the
-- newest day first; and whether an erasure that isn't finished hides them.
with mine as (
    select
        i.captured_at::date as day, i.application, i.role,
        exists (
            select 1 from tombstones t
            where t.subject = $subject
              and (t.signals is null or list_contains(t.signals, i.signal))
              and (t.applications is null or list_contains(t.applications, i.application))
              and (t.from_at is null or i.captured_at >= t.from_at)
              and i.captured_at < t.until_at
        ) as hidden
    from indirect_captures i
    where i.subject = $subject
)
select m.day, m.application, m.role, m.hidden, count(*)::bigint as records
from mine m
group by m.day, m.application, m.role, m.hidden
order by m.day desc, m.application, m.role
