"""Requests on screen: the form, the preview, cards, steps and their wording."""
