"""What workers do regularly besides requests: retention, releases, tidying, checks of the lake."""
