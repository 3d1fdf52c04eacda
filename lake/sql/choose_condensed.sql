-- What an erasure of everything leaves of a person's slices in each manifest: how many captures, by the rule that first
-- withdrew them. A row is written so that this rule still matches it, with nothing that is not in the rule.
create or replace temp table condensed as
with rules as (
    select tombstone as rule, subject, signals, applications, from_at, until_at, created_at from tombstones
    union all
    select rule, subject, signals, applications, from_at, until_at, created_at from standing_rules
), erased as (
    select
        s.dataset_version, s.subject, s.day, s.signal, s.application, s.events,
        arg_min({rule: w.rule, signals: w.signals, applications: w.applications, from_at: w.from_at}, w.created_at) as w
    from dataset_slices s
    join rules w
      on w.subject = s.subject
     and (w.signals is null or list_contains(w.signals, s.signal))
     and (w.applications is null or list_contains(w.applications, s.application))
     and (w.from_at is null or s.last_at >= w.from_at)
     and (w.until_at is null or s.first_at < w.until_at)
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
    sum(events)::bigint as events, ''::blob as digest,
    coalesce(any_value(w.from_at), timestamp '0001-01-01') as first_at,
    coalesce(any_value(w.from_at), timestamp '0001-01-01') as last_at
from erased
group by dataset_version, subject, w.rule
