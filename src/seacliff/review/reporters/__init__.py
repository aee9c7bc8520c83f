"""Reporters: what they are known for, signs of bad faith and of brigades, and setting their open reports aside."""
