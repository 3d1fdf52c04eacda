"""Who is signed in: sessions kept on the server, the cookie's secret, and who is calling a route."""
