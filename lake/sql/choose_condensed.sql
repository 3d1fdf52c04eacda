-- What an erasure of everything leaves of a person's slices in each manifest: how many captures, by the rule that first
-- withdrew them. A row is written so that this rule still matches it, with nothing that is not in the rule. If the time
-- of some was up before that, the digest has, as text, when the last run began that read them before: a time of models.
create or replace temp table condensed as
with rules as (
    select tombstone as rule, subject, signals, applications, from_at, until_at, created_at from tombstones
    union all
    select rule, subject, signals, applications, from_at, until_at, created_at from standing_rules
), people as (
    select unnest($subjects::uuid[]) as subject
),
-- include ended_slices
, began as (
    select distinct i.dataset_version, least(r.started_at, r.ended_at) as began
    from run_inputs i
    join runs r on r.run = i.run
), erased as (
    select
        s.dataset_version, s.subject, s.day, s.signal, s.application, s.events,
        case when min(e.ended_at) < min(w.created_at) then coalesce(
            max(b.began) filter (b.began < e.ended_at) + interval 1 microsecond, timestamp '0001-01-01'
        ) end as ended_at,
        arg_min({rule: w.rule, signals: w.signals, applications: w.applications, from_at: w.from_at}, w.created_at) as w
    from dataset_slices s
    join rules w
      on w.subject = s.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
    left join ended e
      on e.subject = s.subject and e.day = s.day and e.signal = s.signal and e.application = s.application
    left join began b on b.dataset_version = s.dataset_version
    where list_contains($subjects::uuid[], s.subject)
      and s.day > date '0001-01-01'
      and exists (
          select 1 from asked a where a.everything and a.subject = s.subject and s.first_at < a.until_at
      )
    group by s.dataset_version, s.subject, s.day, s.signal, s.application, s.events
)
select
    dataset_version, subject, date '0001-01-01' as day,
    coalesce(any_value(w.signals)[1], 'erased') as signal,
    coalesce(any_value(w.applications)[1], 'erased') as application,
    sum(events)::bigint as events, coalesce(encode(ended_at::varchar), ''::blob) as digest,
    coalesce(any_value(w.from_at), timestamp '0001-01-01') as first_at,
    coalesce(any_value(w.from_at), timestamp '0001-01-01') as last_at
from erased
group by dataset_version, subject, w.rule, ended_at
