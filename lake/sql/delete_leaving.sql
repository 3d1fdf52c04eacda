-- Delete the captures that leave.
delete from captures
where subject in (select subject from leaving_slices)
  and (subject in (select subject from people_leaving) or capture_id in (select capture_id from leaving))
