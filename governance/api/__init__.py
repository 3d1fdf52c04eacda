"""The HTTP API: the ASGI app, authentication, limits, errors as problem details (RFC 9457), and the routes."""
