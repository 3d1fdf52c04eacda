-- In which records of others a person is mentioned, quoted or assigned. Archives that are read again fill it.
create table indirect_captures (
    subject uuid not null,
    capture_id uuid not null,
    captured_at timestamp not null,
    signal varchar not null,
    application varchar not null,
    role varchar not null
);
alter table indirect_captures set partitioned by (bucket(16, subject));
alter table indirect_captures set sorted by (subject, captured_at);
