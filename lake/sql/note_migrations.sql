-- Record that the lake has had migrations.
insert into migrations select unnest($numbers::integer[]), $migrated_at
