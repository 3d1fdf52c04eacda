-- The ends of the ids of all people of whom there is any rule that hides, holds or restricts captures.
select distinct right(subject::varchar, $digits)
from (
    select subject from tombstones
    union all
    select subject from holds where lifted_at is null
    union all
    select subject from standing_rules where kind = 'restriction' and ended_at is null
)
