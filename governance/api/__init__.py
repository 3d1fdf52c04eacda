"""The HTTP API: the ASGI app, who is asking, limits, errors as problems (RFC 9457), and the routes."""
