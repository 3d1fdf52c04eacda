"""What the law says: regimes, reasons for decisions, exceptions that a hold may rest on. Everything may import it."""
