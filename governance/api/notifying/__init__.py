"""What the caller was told, how they want to be told, and the link that ends e-mail."""
