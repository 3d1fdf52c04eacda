-- For each person in a dataset version: how many of the listed captures may be given, how many of their pictures, and
-- the sum of the first 48 bits of their ids.
with forbidden as (
    select t.subject, t.signals, t.applications, t.from_at, t.until_at from tombstones t
    union all
    select r.subject, r.signals, r.applications, r.from_at, r.until_at from standing_rules r where r.ended_at is null
),
-- include objected_ever
,
-- include permitted_pictures
select s.subject, count(*), count(p.policy),
       sum(('0x' || left(replace(c.capture_id::varchar, '-', ''), 12))::bigint)
from dataset_slices s
join dataset_versions v on v.dataset_version = s.dataset_version
join captures c
  on c.subject = s.subject and c.captured_at::date = s.day and c.signal = s.signal and c.application = s.application
join batches b on b.batch = c.batch
left join permitted p
  on c.signal = 'screenshot' and c.x is not null and c.y is not null
 and p.policy = c.policy and c.captured_at >= p.from_at and c.captured_at < p.until_at
where s.dataset_version = $dataset_version
  and b.ingested_at <= v.created_at
  and c.retained_until >= $today
  and c.capture_id not in (select o.capture_id from objected o)
  and list_contains($policies, c.policy)
  and (
      not list_contains($needing, c.policy)
      or c.subject::varchar || ' ' || c.policy in (select unnest($consented::varchar[]))
  )
  and not exists (
      select 1 from forbidden f
      where f.subject = s.subject
        and (f.signals is null or list_contains(f.signals, s.signal))
        and (f.applications is null or list_contains(f.applications, s.application))
        and (f.from_at is null or s.last_at >= f.from_at)
        and (f.until_at is null or s.first_at < f.until_at)
  )
group by s.subject
order by s.subject
