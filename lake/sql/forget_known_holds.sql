-- Make room for holds as they are known now.
delete from holds where hold in (select k.hold::uuid from kept k)
