"""Opening, locking and maintaining the lake's files and its catalog."""
