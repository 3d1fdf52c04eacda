"""Requests from filing to their end: rows, decisions, holds, notes, previews, limits."""
