-- Model versions by their names, as they are known.
select model, version, model_version, purpose, owner, origin, released_at, retired_at
from model_versions
where list_contains($models, model)
