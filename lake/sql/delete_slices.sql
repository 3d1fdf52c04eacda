-- Drop the rollup of the slices that lost captures.
delete from capture_rollup d
using leaving_slices s
where d.subject = s.subject and d.starts_at = s.starts_at and d.signal = s.signal and d.application = s.application
  and d.policy = s.policy and d.batch = s.batch
