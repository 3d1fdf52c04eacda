-- Record that the lake has had migrations, before there is a column `goes_with`.
insert into migrations (number, migrated_at) select unnest($numbers::integer[]), $migrated_at
