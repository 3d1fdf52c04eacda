with turn as (insert into open_book_turn values (1, %s))
insert into open_book_purge values (false)
