-- Delete violations of runs that began before the person withdrew.
delete from violations
where kind in ('withdrawn', 'indirect')
  and list_contains($runs, run)
  and exists (
      select 1
      from runs r, (
          select request, min(created_at) as created_at
          from (
              select request, created_at from tombstones
              union all
              select request, created_at from standing_rules
          ) w
          group by request
      ) f
      where r.run = violations.run and f.request = violations.request and r.started_at < f.created_at
  )
