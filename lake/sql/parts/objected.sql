-- `objected`: records of others in which somebody is mentioned, quoted or assigned who objected to their use.
objected as (
    select distinct i.capture_id
    from indirect_captures i
    where i.role = 'objected'
       or exists (
          select 1 from standing_rules r
          where r.subject = i.subject and r.ended_at is null and r.kind <> 'waiting'
            and (r.signals is null or list_contains(r.signals, i.signal))
            and (r.applications is null or list_contains(r.applications, i.application))
            and (r.from_at is null or i.captured_at >= r.from_at)
            and (r.until_at is null or i.captured_at < r.until_at)
       )
)
