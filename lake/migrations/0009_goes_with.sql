-- The lowest number that a program must know to use the lake after a migration; null: that of the migration.
alter table migrations add column goes_with integer;
