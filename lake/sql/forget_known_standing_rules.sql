-- Make room for objections and restrictions as they are known now.
delete from standing_rules where rule in (select k.rule::uuid from kept k)
