-- Delete the mentions that requests for erasure cover. The quarter of an hour counts as a whole.
delete from mentions
where subject in (select subject from asked)
  and exists (
      select 1 from asked a
      where a.subject = mentions.subject
        and (a.signals is null or list_contains(a.signals, mentions.signal))
        and (a.applications is null or list_contains(a.applications, mentions.application))
        and (a.from_at is null or mentions.starts_at + interval 15 minutes > a.from_at)
        and mentions.starts_at < a.until_at
  )
