-- How many captures each slot has (lake/storage/shards).
select ('0x' || right(subject::varchar, 2))::integer, sum(events)::bigint
from capture_rollup
group by right(subject::varchar, 2)
