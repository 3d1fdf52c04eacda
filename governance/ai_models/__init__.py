"""What people and privacy officers are told about model versions: their states, plans and violations."""
