"""Routes about whether a person's work may be recorded now."""
