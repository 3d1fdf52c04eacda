-- Every objection and restriction, including ended ones.
select * from standing_rules order by created_at, rule
