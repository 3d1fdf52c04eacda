-- Delete the maskings that newer rows replace.
delete from name_masks where rule in (select k.rule::uuid from kept k)
