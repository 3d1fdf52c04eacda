-- Add maskings as they are known now.
insert into name_masks by name select k.* from kept k
