-- Delete the captures in `leaving`.
delete from captures
where subject in (select subject from leaving_slices)
  and capture_id in (select capture_id from leaving)
