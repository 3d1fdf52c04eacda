-- Lift a legal hold, once.
update holds set lifted_at = $lifted_at where hold = $hold and lifted_at is null
