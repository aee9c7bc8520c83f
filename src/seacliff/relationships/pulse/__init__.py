"""Two questions to people of other functions after some asks: how easy it was, and whether it was worth their time."""
