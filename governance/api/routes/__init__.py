"""The routes of the API: each asks who, asks `queries` or `requests`, and answers."""
