-- The policies in force, and those under which something of the person is or was kept.
select
    p.policy, p.name, p.purpose, p.legal_basis, p.signals, p.applications, p.safeguards, p.retention_days,
    p.valid_from, p.valid_to,
    p.valid_from <= $today and (p.valid_to is null or $today < p.valid_to) as in_force
from policies p
where (p.valid_from <= $today and (p.valid_to is null or $today < p.valid_to))
    or exists (select 1 from capture_rollup d where d.subject = $subject and d.policy = p.policy)
    or exists (select 1 from removals r where r.subject = $subject and r.policy = p.policy)
order by p.valid_from, p.policy
