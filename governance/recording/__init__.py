"""Whether a person's work may be recorded now: pauses, and what recorders are told."""
