"""SCIM 2.0 at `/scim/v2`: the identity provider keeps the directory current (`directory.scim`)."""
