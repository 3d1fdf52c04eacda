-- End a tombstone that has no end, after the last capture that a hold keeps.
update tombstones set until_at = greatest(
    $until_at::timestamp,
    (
        select coalesce(max(c.captured_at) + interval 1 microsecond, $until_at::timestamp)
        from captures c
        where c.subject = tombstones.subject
    )
)
where request = $request and until_at >= $no_end
