"""Chooses the scope of a page or a request: applications, kinds and a period."""
