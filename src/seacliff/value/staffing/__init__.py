"""Staffing what-if: what waits, what breaches, whom it harms and what it costs with another team."""
