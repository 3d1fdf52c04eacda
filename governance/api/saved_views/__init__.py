"""Views that the caller saved under names of their own."""
