"""Choosing what a page or a request is about: applications, kinds and a period."""
