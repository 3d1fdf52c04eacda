-- When model versions are known to be in use, and where.
select model_version, place, recipient, since, until from deployments where list_contains($models, model_version)
