-- Only sessions of the present turn change DuckLake's tables; the next turn begins after their transactions.
create or replace function open_book_require_turn() returns trigger language plpgsql set search_path from current as $$
begin
    perform 1 from open_book_turn
    where current_setting('application_name') = 'open-book-writer-' || left(current_schema(), 30) || '-' || number
    for share;
    if not found then
        raise exception 'open-book: the turn to write is over';
    end if;
    return null;
end
$$
