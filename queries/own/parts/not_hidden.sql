    -- No tombstone hides `c`: no erasure of it is under way.
    and not coalesce(
        list_bool_or(
            list_transform(
                $rules::struct(effect varchar, signals varchar[], applications varchar[], from_at timestamp, until_at timestamp)[],
                lambda r: r.effect = 'hidden'
                    and (r.signals is null or list_contains(r.signals, c.signal))
                    and (r.applications is null or list_contains(r.applications, c.application))
                    and (r.from_at is null or c.captured_at >= r.from_at)
                    and (r.until_at is null or c.captured_at < r.until_at)
            )
        ),
        false
    )
