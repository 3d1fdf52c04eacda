-- When a model version is known to be in use at some places.
select place, recipient, since, until
from deployments
where model_version = $model_version and list_contains($places, place)
