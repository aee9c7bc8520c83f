"""The page for the board: what is asked, what it costs, what is shown to come of it, and what is not."""
