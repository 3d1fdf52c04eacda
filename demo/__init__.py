"""What `make run` adds to Open Book: a local identity provider and a made-up company."""
