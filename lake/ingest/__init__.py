"""Ingesting recordings: connectors read a format, then records are examined, sealed and stored."""
