-- Which runs runs were reported to belong to.
insert into run_parents (run, parent, own) select r.run, r.parent, r.own from reported r
