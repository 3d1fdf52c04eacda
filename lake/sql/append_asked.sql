-- Add a request to those worked on together; one for everything ends where its tombstone was closed.
insert into asked values (
    $number, $request, $subject, $signals, $applications, $from_at,
    case when $everything then coalesce(
        (select max(t.until_at) from tombstones t where t.request = $request and t.until_at < $no_end), $until_at
    ) else $until_at end,
    $everything, $despite_holds
)
