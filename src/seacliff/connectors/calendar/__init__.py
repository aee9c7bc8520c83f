"""Due dates of asks as a calendar that everybody's own program reads: one secret address a person."""
