-- Delete violations of consent of runs that began before the person withdrew any.
delete from violations
where kind = 'consent'
  and list_contains($runs, run)
  and exists (
      select 1
      from runs r
      where r.run = violations.run
        and exists (select 1 from consents c where c.subject::uuid = violations.subject)
        and not exists (
            select 1 from consents c where c.subject::uuid = violations.subject and c.withdrawn_at <= r.started_at
        )
  )
