"""What Seacliff ships with: a pack of policies, and Harbourline, an invented video-meeting company to try it on.

Nothing here writes to the database except seed.py. Harbourline, its customers and all reports are made up from a seed.
"""

PRODUCT_SIDE = "Lantern Meetings"  # the endpoint that `seacliff receiver` answers for
