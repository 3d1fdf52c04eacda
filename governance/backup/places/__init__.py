"""Where backups are: a `folder` or a prefix of a `bucket`. `place` is what both can do, `configured` which it is."""
