"""Tiers: who decides what, how a case climbs, and the two ways in which several decide one: by consensus, as a panel."""
