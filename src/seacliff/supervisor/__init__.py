"""`seacliff up`: one process that starts PostgreSQL, web server and worker, watches them, stops them in order.

It does not import Django: what needs Django runs in a child, so the supervisor stays small.
"""


class CannotStart(Exception):
    """Why Seacliff does not start here and what to do, in a sentence."""
