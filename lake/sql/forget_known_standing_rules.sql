-- Delete the objections and restrictions that newer rows replace.
delete from standing_rules where rule in (select k.rule::uuid from kept k)
