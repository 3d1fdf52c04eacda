"""What people typed key by key: the text that it makes, and the passwords in it."""
