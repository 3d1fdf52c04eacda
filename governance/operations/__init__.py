"""Commands for operators: the first start of a home, and the clock."""
