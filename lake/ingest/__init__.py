"""Ingests recordings: connectors read a format, then records are scanned, sealed and stored."""
