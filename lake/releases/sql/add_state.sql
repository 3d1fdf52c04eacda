insert into states values ($told_at, $policies, $models)
