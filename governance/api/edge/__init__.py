"""The edge of the API: checks that run before any route.

bodies      limits on a body's size and arrival time
admission   authentication before a body is read
middleware  addresses, headers, defaults for every answer
protocol    connections: time limits for request heads, and how many may be open
"""
