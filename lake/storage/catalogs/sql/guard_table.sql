create or replace trigger open_book_turn before insert or update or delete or truncate on {}
for each statement execute function open_book_require_turn()
