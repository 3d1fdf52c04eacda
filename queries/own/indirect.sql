-- That the person is mentioned, quoted or assigned in records of others: how many, by UTC day, application and role, the
-- newest day first; and whether an erasure that isn't finished hides them. The quarter of an hour counts as a whole.
with mine as (
    select
        m.starts_at::date as day, m.application, m.role,
        exists (
            select 1 from tombstones t
            where t.subject = $subject
              and (t.signals is null or list_contains(t.signals, m.signal))
              and (t.applications is null or list_contains(t.applications, m.application))
              and (t.from_at is null or m.starts_at + interval 15 minutes > t.from_at)
              and m.starts_at < t.until_at
        ) as hidden
    from mentions m
    where m.subject = $subject
)
select m.day, m.application, m.role, m.hidden, count(*)::bigint as records
from mine m
group by m.day, m.application, m.role, m.hidden
order by m.day desc, m.application, m.role
