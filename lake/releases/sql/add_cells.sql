insert into cells by name select * from added
