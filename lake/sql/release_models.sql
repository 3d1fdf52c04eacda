-- The newest 200 model versions on a day: name, purpose and recipient.
select m.model, m.version, m.purpose, m.owner, m.released_at::date as released_on, m.retired_at::date as retired_on
from model_versions m
where m.released_at < $today + interval 1 day
order by m.released_at desc, m.model, m.version
limit 200
