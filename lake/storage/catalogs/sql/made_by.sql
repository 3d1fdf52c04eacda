select 1 from open_book_turn where made_by = %s
