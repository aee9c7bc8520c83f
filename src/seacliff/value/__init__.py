"""The value case: what the work is worth, with honest statistics."""
