-- Record that the lake has had migrations.
insert into migrations (number, migrated_at, goes_with)
select number, $migrated_at, goes_with
from (select unnest($numbers::integer[]) as number, unnest($goes_with::integer[]) as goes_with)
