"""Sign-ins that the identity provider ends: its logout tokens, and what is refused from then on."""
