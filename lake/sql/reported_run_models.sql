-- Which model versions runs are known to name.
select run, model, version, relation, alias from run_models where list_contains($runs, run)
