-- Which model versions runs named.
insert into run_models (run, model, version, relation, alias)
select r.run, r.model, r.version, r.relation, r.alias from reported r
