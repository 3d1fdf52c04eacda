"""What doesn't fit into memory while a source is ingested: lists, sorted lists and tables whose older parts are in an
encrypted temporary file that only this process can read (`lake.spools.blocks`)."""
