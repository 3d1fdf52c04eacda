-- Which incoming rows are new, already known, or erased before.
create or replace temp table sorted_incoming as
select
    i.capture_id::uuid as capture_id, i.subject::uuid as subject, i.captured_at, i.signal, i.application, i.x, i.y,
    i.session::uuid as session, i.source, i.batch::uuid as batch, i.policy, i.retained_until, i.redactions, i.sealed,
    case
        when exists (
            select 1 from tombstones t
            where t.subject = i.subject::uuid
              and (t.signals is null or list_contains(t.signals, i.signal))
              and (t.applications is null or list_contains(t.applications, i.application))
              and (t.from_at is null or i.captured_at >= t.from_at)
              and i.captured_at < t.until_at
        ) then 'erased_before'
        when i.capture_id::uuid in (select k.capture_id from known_captures k) then 'already_known'
        when row_number() over (partition by i.capture_id order by i.captured_at) > 1 then 'already_known'
        else 'new'
    end as fate
from incoming i
