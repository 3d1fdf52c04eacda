-- Add holds as they are known now.
insert into holds by name select k.* from kept k
