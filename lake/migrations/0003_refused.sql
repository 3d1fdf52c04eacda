-- What was refused, each record once, and the names of the applications, sealed.
alter table batches add column kept_out bigint default 0;
create table refused (
    refusal uuid not null,
    subject uuid not null,
    day date,
    signal varchar not null,
    reason varchar not null,
    name uuid,
    records bigint not null
);
alter table refused set partitioned by (bucket(16, subject));
alter table refused set sorted by (subject, day);
create table refused_names (
    subject uuid not null,
    name uuid not null,
    sealed blob not null
);
alter table refused_names set sorted by (subject, name);
