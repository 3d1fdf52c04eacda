update open_book_turn set number = number + 1 returning number
