-- The published shares of one area, band by band.
select c.release, c.name, c.band, c.share, c.low, c.high
from cells c
where c.node = $node
order by c.release, c.name, c.place
