-- Which runs belong together, and the numbers of migrations. Lakes of the version before may have the first three.
create table if not exists run_parents (
    run uuid not null,
    parent uuid not null,
    own boolean not null
);
create table if not exists run_models (
    run uuid not null,
    model varchar not null,
    version varchar not null,
    relation varchar,
    alias varchar not null
);
create table if not exists run_unproven (
    run uuid not null,
    dataset_version uuid not null,
    too_early boolean not null
);
create table migrations (
    number integer not null,
    migrated_at timestamp not null
);
