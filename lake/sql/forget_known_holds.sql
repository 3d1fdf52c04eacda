-- Delete the holds that newer rows replace.
delete from holds where hold in (select k.hold::uuid from kept k)
