-- The people of whom erasure requests remove everything, each by one request: so their slices, if they count as many
-- captures as there are, say what is removed, and nothing has to be looked up for each capture.
create or replace temp table people_leaving as
with alone as (
    select any_value(a) as a from asked a group by a.subject having count(*) = 1
), had as (
    select subject, count(*) as events from captures where subject in (select subject from asked) group by subject
), listed as (
    select subject, sum(events) as events, max(last_at) as last_at
    from capture_rollup
    where subject in (select subject from asked)
    group by subject
)
select a.subject as subject, a.request as request
from alone
join had h on h.subject = a.subject
join listed l on l.subject = a.subject
where a.everything and l.events = h.events and l.last_at < a.until_at
  and (a.despite_holds or a.subject not in (select subject from holds where lifted_at is null))
