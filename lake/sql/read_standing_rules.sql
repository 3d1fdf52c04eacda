-- Every objection and restriction, ended ones included.
select * from standing_rules order by created_at, rule
