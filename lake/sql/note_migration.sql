-- Record that the lake has had a migration.
insert into migrations (number, migrated_at, goes_with) values ($number, $migrated_at, $goes_with)
