-- End tombstones that have no end, after the last capture that a hold keeps.
update tombstones set until_at = ended.until_at
from (
    select
        t.request,
        greatest(e.until_at, coalesce(max(c.captured_at) + interval 1 microsecond, e.until_at)) as until_at
    from (select unnest($requests::uuid[]) as request, unnest($until_at::timestamp[]) as until_at) e
    join tombstones t on t.request = e.request
    left join captures c on c.subject = t.subject
    where t.until_at >= $no_end
    group by t.request, e.until_at
) ended
where tombstones.request = ended.request and tombstones.until_at >= $no_end
