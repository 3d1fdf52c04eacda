-- The model versions there are, newest first: what they are called and for, and who has them.
select m.model, m.version, m.purpose, m.owner, m.released_at::date as released_on, m.retired_at::date as retired_on
from model_versions m
order by m.released_at desc, m.model, m.version
