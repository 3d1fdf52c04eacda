alter table {} alter column {} set statistics 0
