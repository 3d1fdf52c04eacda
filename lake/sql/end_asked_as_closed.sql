-- Requests for everything end where their tombstones were closed.
update asked set until_at = closed.until_at
from (
    select t.request, max(t.until_at) as until_at
    from tombstones t
    where t.until_at < $no_end
    group by t.request
) closed
where closed.request = asked.request and asked.everything
