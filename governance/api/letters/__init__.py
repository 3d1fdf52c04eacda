"""A way to their own data for people who have left."""
