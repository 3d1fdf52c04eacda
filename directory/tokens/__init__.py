"""What an access token must say to be accepted, and those that only the identity provider can read."""
