-- Drop the rollup of the slices that lost captures; of who has none left, all of it.
delete from capture_rollup
where subject in (select subject from leaving_slices)
  and (
      subject not in (select subject from people_left)
      or (subject, starts_at, signal, application, policy, batch) in (
          select (subject, starts_at, signal, application, policy, batch) from leaving_slices
          where subject in (select subject from people_left)
      )
  )
