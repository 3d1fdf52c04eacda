"""Where the identity provider, or another sender of security events, says that somebody is signed out."""
