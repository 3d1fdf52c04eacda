-- The time span of the incoming rows, by subject.
select subject::uuid, min(captured_at), max(captured_at) from incoming group by subject
