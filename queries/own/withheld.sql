-- Captures in part of a day that a tombstone hides: those that a hold in force keeps, and those about to be deleted.
select
    coalesce(sum(events) filter (where held), 0)::bigint as held,
    coalesce(sum(events) filter (where not held), 0)::bigint as to_be_erased
from (
    select
        exists (
            select 1 from holds h
            where h.subject = $subject and h.lifted_at is null
                and (h.signals is null or list_contains(h.signals, c.signal))
                and (h.applications is null or list_contains(h.applications, c.application))
                and (h.from_at is null or c.captured_at >= h.from_at)
                and (h.until_at is null or c.captured_at < h.until_at)
        ) as held,
        count(*) as events
    from captures c
    where c.subject = $subject
        and c.captured_at >= $from_at
        and c.captured_at < $until_at
        and ($signals is null or list_contains($signals, c.signal))
        and ($applications is null or list_contains($applications, c.application))
        and exists (
            select 1 from tombstones t
            where t.subject = $subject
                and (t.signals is null or list_contains(t.signals, c.signal))
                and (t.applications is null or list_contains(t.applications, c.application))
                and (t.from_at is null or c.captured_at >= t.from_at)
                and c.captured_at < t.until_at
        )
    group by held
)
