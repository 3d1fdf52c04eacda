-- Model versions as they were reported.
insert into model_versions
select r.model_version, r.model, r.version, r.purpose, r.owner, r.origin, r.released_at, r.retired_at
from reported r
