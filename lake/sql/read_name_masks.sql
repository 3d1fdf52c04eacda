-- Every masking of a name, including ended ones.
select * from name_masks order by created_at, rule
