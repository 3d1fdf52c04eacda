"""The page Your day: one day of a person as a story, from their own records and in their own session."""
