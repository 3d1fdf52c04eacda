-- The records as they become, from their new text in `incoming_masked`.
create or replace temp table masked as
select c.* replace (n.redactions as redactions, n.sealed as sealed)
from captures c
join incoming_masked n on c.subject = n.subject::uuid and c.capture_id = n.capture_id::uuid
