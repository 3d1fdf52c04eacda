insert into lost_releases by name
select a.* replace (a.release::uuid as release) from added a
