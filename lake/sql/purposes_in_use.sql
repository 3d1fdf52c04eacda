-- The purposes that captures were made for, by policy.
select p.policy, p.purpose from policies p where exists (select 1 from capture_rollup d where d.policy = p.policy)
