-- Records of each kind in the catalogue of the person, each counted separately: what an export must have.
select
    (select coalesce(sum(d.events), 0)::bigint from capture_rollup d where d.subject = $subject) as captures,
    (select count(*) from batches b where b.subject = $subject) as batches,
    (select coalesce(sum(f.records), 0)::bigint from refused f where f.subject = $subject) as refused,
    (select count(*) from mentions i where i.subject = $subject) as indirect,
    (select count(*) from dataset_slices s where s.subject = $subject) as dataset_slices,
    (select count(*) from removals l where l.subject = $subject) as removals,
    (select count(*) from holds h where h.subject = $subject) as holds,
    (select count(*) from violations v where v.subject = $subject) as violations
