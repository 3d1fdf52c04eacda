"""What people and privacy officers see about model versions: their states, plans and violations."""
