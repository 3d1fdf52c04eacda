insert into released_areas by name select * from added
