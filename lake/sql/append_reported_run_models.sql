-- Which model versions runs named.
insert into run_models select r.run, r.model, r.version, r.relation, r.alias from reported r
