-- What records of others say about the people who asked, in the scopes of their requests; and whether the person has
-- objected to the use of the record, which outlasts the row.
create or replace temp table indirect_asked as
select
    i.subject, i.capture_id, i.role, i.captured_at, i.signal, i.application,
    exists (
        select 1 from standing_rules r
        where r.subject = i.subject and r.ended_at is null and r.kind <> 'waiting'
          and (r.signals is null or list_contains(r.signals, i.signal))
          and (r.applications is null or list_contains(r.applications, i.application))
          and (r.from_at is null or i.captured_at >= r.from_at)
          and (r.until_at is null or i.captured_at < r.until_at)
    ) as objected
from indirect_captures i
where i.subject in (select subject from asked)
  and exists (
      select 1 from asked a
      where a.subject = i.subject
          and (a.signals is null or list_contains(a.signals, i.signal))
          and (a.applications is null or list_contains(a.applications, i.application))
          and (a.from_at is null or i.captured_at >= a.from_at)
          and i.captured_at < a.until_at
  )
