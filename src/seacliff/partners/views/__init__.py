"""Pages of asks, of the signed link, and of charters."""
