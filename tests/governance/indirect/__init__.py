"""What records of others say about a person."""
