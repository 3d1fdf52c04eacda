-- Which of the incoming mentions are new, and not erased by who is mentioned. The quarter of an hour counts as a whole.
-- Mentions without an id stand for everything of their quarter of an hour.
create or replace temp table new_mentions as
select distinct
    i.mention::uuid as mention, i.subject::uuid as subject, i.starts_at, i.signal, i.application, i.role, i.retained_until
from incoming_mentions i
where not exists (
    select 1 from mentions k
    where k.subject = i.subject::uuid and k.role = i.role
      and (
          k.mention = i.mention::uuid
          or (
              k.mention is null and k.starts_at = i.starts_at and k.signal = i.signal and k.application = i.application
          )
      )
)
  and not exists (
      select 1 from tombstones t
      where t.subject = i.subject::uuid
        and (t.signals is null or list_contains(t.signals, i.signal))
        and (t.applications is null or list_contains(t.applications, i.application))
        and (t.from_at is null or i.starts_at + interval 15 minutes > t.from_at)
        and i.starts_at < t.until_at
  )
