-- Add missing tombstones.
insert into tombstones by name
select k.* from kept k where k.request::uuid not in (select t.request from tombstones t)
