-- Model versions as they were reported.
insert into model_versions (model_version, model, version, purpose, owner, origin, released_at, retired_at)
select r.model_version, r.model, r.version, r.purpose, r.owner, r.origin, r.released_at, r.retired_at
from reported r
