-- What is recorded about people besides captures.
with people as (
    select unnest($subjects::uuid[]) as subject
), manifests as (
    select
        subject, count(distinct dataset_version) filter (where day > date '0001-01-01') as datasets,
        count(distinct dataset_version) filter (where day = date '0001-01-01') as condensed
    from dataset_slices
    where list_contains($subjects, subject)
    group by subject
), stored as (
    select
        subject, count(*) filter (where source <> 'erased') as batches,
        coalesce(sum(outside_policy + past_retention + erased_before + quarantined + coalesce(kept_out, 0)) filter (where source = 'erased'), 0)::bigint as totals
    from batches
    where list_contains($subjects, subject)
    group by subject
), kept_out as (
    select
        subject, coalesce(sum(records) filter (where day is distinct from date '0001-01-01'), 0)::bigint as each_once,
        coalesce(sum(records) filter (where day = date '0001-01-01'), 0)::bigint as totals
    from refused
    where list_contains($subjects, subject)
    group by subject
), other as (
    select subject, 'removals' as what from removals where list_contains($subjects, subject)
    union all
    select subject, 'tombstones' from tombstones where list_contains($subjects, subject)
    union all
    select subject, 'rules' from standing_rules where list_contains($subjects, subject)
    union all
    select subject, 'rules' from name_masks where list_contains($subjects, subject)
    union all
    select subject, 'holds' from holds where list_contains($subjects, subject)
    union all
    select subject, 'violations' from violations where list_contains($subjects, subject)
    union all
    select subject, 'mentions' from mentions where list_contains($subjects, subject)
), others as (
    select
        subject, count(*) filter (where what = 'removals') as removals,
        count(*) filter (where what = 'tombstones') as tombstones, count(*) filter (where what = 'rules') as rules,
        count(*) filter (where what = 'holds') as holds, count(*) filter (where what = 'violations') as violations,
        count(*) filter (where what = 'mentions') as mentions
    from other
    group by subject
)
select
    p.subject, coalesce(m.datasets, 0), coalesce(m.condensed, 0), coalesce(s.batches, 0), coalesce(s.totals, 0),
    coalesce(k.each_once, 0), coalesce(k.totals, 0), coalesce(o.removals, 0), coalesce(o.tombstones, 0),
    coalesce(o.rules, 0), coalesce(o.holds, 0), coalesce(o.violations, 0), coalesce(o.mentions, 0),
    exists (select 1 from mentions n where n.subject <> p.subject)::integer
from people p
left join manifests m on m.subject = p.subject
left join stored s on s.subject = p.subject
left join kept_out k on k.subject = p.subject
left join others o on o.subject = p.subject
