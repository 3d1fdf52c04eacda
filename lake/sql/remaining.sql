-- What is recorded about a person besides captures.
select
    (select count(distinct dataset_version) from dataset_slices where subject = $subject and day > date '0001-01-01'),
    (select count(distinct dataset_version) from dataset_slices where subject = $subject and day = date '0001-01-01'),
    (select count(*) from batches where subject = $subject and source <> 'erased'),
    (
        select coalesce(sum(outside_policy + past_retention + erased_before + quarantined + coalesce(kept_out, 0)), 0)::bigint
        from batches where subject = $subject and source = 'erased'
    ),
    (select coalesce(sum(records), 0)::bigint from refused where subject = $subject and day is distinct from date '0001-01-01'),
    (select coalesce(sum(records), 0)::bigint from refused where subject = $subject and day = date '0001-01-01'),
    (select count(*) from removals where subject = $subject),
    (select count(*) from tombstones where subject = $subject),
    (select count(*) from standing_rules where subject = $subject),
    (select count(*) from holds where subject = $subject),
    (select count(*) from violations where subject = $subject)
