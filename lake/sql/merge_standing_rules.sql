-- Add objections and restrictions as they are known now.
insert into standing_rules by name select k.* from kept k
