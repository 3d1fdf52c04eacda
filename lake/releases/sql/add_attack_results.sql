insert into attack_results by name select * from added
