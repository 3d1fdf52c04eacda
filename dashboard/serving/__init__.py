"""How the dashboard is served: headers, sockets, limits and housekeeping."""
