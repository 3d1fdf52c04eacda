-- How many incoming rows of each batch are new, new and redacted, already known, erased before.
select
    batch,
    count(*) filter (fate = 'new'),
    count(*) filter (fate = 'new' and redactions is not null),
    count(*) filter (fate = 'already_known'),
    count(*) filter (fate = 'erased_before')
from sorted_incoming
group by batch
