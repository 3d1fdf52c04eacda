"""The self-service API: what was captured about me, and requests for export and erasure that really happen."""
