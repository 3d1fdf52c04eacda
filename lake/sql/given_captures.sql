-- The next captures of a person in a dataset version that may be given now, after a position in their order.
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t where t.subject = $subject
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at
    from standing_rules r
    where r.subject = $subject and r.ended_at is null
),
-- include objected_ever
,
-- include permitted_pictures
select c.capture_id, c.captured_at, c.signal, c.application, c.x, c.y, c.session, c.sealed,
       p.policy is not null as picture_permitted
from captures c
join dataset_slices s
  on s.day = c.captured_at::date and s.signal = c.signal and s.application = c.application
join dataset_versions v on v.dataset_version = s.dataset_version
join batches b on b.batch = c.batch
left join permitted p
  on c.signal = 'screenshot' and c.x is not null and c.y is not null
 and p.policy = c.policy and c.captured_at >= p.from_at and c.captured_at < p.until_at
where c.subject = $subject and s.subject = $subject and b.subject = $subject
  and s.dataset_version = $dataset_version
  and b.ingested_at <= v.created_at
  and c.retained_until >= $today
  and c.capture_id not in (select o.capture_id from objected o)
  and list_contains($policies, c.policy)
  and (
      not list_contains($needing, c.policy)
      or c.subject::varchar || ' ' || c.policy in (select unnest($consented::varchar[]))
  )
  and c.captured_at >= $after_at
  and (c.captured_at > $after_at or c.capture_id > $after_id)
  and not exists (
      select 1 from forbidden f
      where (f.signals is null or list_contains(f.signals, s.signal))
        and (f.applications is null or list_contains(f.applications, s.application))
        and (f.from_at is null or s.last_at >= f.from_at)
        and (f.until_at is null or s.first_at < f.until_at)
  )
order by c.captured_at, c.capture_id
limit $rows
