-- How many rows condensing changes.
select
    (select count(*) from temp.condensed) + (select count(*) from temp.totals) + (select count(*) from temp.refusals)
    + (select count(*) from temp.refused_totals)
