"""Where partners already are: one folder for each outside system that carries news of asks, and brings answers back."""
