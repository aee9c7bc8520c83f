"""The guide through the first day. Composition: it knows every room, and has no tables of its own."""
