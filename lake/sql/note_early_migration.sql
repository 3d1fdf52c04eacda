-- Record that the lake has had a migration, before there is a column `goes_with`.
insert into migrations (number, migrated_at) values ($number, $migrated_at)
