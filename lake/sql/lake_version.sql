-- The number of the newest migration that the lake has had, and of the newest that a program must know; there is no
-- column `goes_with` before 0009.
select coalesce(max(number), 0), coalesce(max(least(*columns('^(number|goes_with)$'))), 0) from migrations
