"""Routing: versioned rules in CEL that turn reports into cases with a severity, a queue, a tier and a clock."""
