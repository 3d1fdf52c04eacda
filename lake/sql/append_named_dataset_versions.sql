-- Dataset versions of which no more than the name is known.
insert into dataset_versions
select n.dataset_version, n.namespace, n.dataset, n.version, null, n.origin, $now::timestamp, null, null
from named n
