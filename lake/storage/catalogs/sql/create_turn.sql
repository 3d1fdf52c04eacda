-- One row: the number of the present turn to write; the first start that made this schema.
create table open_book_turn (number bigint not null, made_by uuid not null);
-- One row: whether deleted rows are stored.
create table open_book_purge (purge_due boolean not null);
