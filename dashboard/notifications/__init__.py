"""What happened since the last visit, and how a person wants to be told, on screen."""
