"""Restricted material: kept as proof, shown to nobody; reached by two people together; reported to the hotline."""
