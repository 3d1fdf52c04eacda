insert into release_tables by name select * from added
