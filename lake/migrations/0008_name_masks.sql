-- Whose name is masked in records of others that mention them, on request.
create table name_masks (
    rule uuid not null,
    subject uuid not null,
    request uuid not null,
    created_at timestamp not null,
    ended_at timestamp
);
