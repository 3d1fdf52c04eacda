-- Refused records that are new: neither refused nor stored before, nor covered by an erasure.
create or replace temp table new_refused as
select
    i.refusal::uuid as refusal, i.subject::uuid as subject, i.captured_at::date as day, i.signal, i.reason,
    i.name::uuid as name
from incoming_refused i
where
    i.refusal::uuid not in (select k.refusal from known_refused k)
    and i.refusal::uuid not in (select k.capture_id from known_captures k)
    and not exists (
        select 1 from tombstones t
        where t.subject = i.subject::uuid
          and (t.signals is null or list_contains(t.signals, i.signal))
          and (t.applications is null or list_contains(t.applications, i.application))
          and (t.from_at is null or i.captured_at >= t.from_at)
          and i.captured_at < t.until_at
    )
qualify row_number() over (partition by i.refusal order by i.captured_at) = 1
