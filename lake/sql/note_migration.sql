-- Record that the lake has had a migration.
insert into migrations values ($number, $migrated_at)
