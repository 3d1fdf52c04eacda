"""Model versions on screen: cards, the sentences on them, and violations."""
