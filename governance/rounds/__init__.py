"""What workers do regularly besides requests: retention, releases, cleanup, checks of the lake."""
