"""Wellness: how much of what a reviewer sees in a day, where it ends, what they need not see, when a break is due."""
