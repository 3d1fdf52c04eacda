"""Trials that take longer than tests: `python -m tests.trials flood` and `soak`, outside CI; CI runs a short share."""
