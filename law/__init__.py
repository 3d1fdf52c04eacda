"""What the law says: regimes, reasons for decisions, exceptions for legal holds. Everything may import it."""
