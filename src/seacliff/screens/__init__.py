"""Seacliff's look: templates, styles, keyboard. The lowest room: it knows no other."""
