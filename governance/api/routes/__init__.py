"""The routes of the API: each authenticates the caller, calls `queries` or `requests`, and answers."""
