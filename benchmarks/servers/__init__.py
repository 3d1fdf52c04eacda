"""Measurements of Open Book's servers and workers as processes of their own."""
