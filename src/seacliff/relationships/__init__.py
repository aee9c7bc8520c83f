"""Looks back at the work with other functions: numbers both ways, wins, a weekly digest, a pulse, who knows whom."""
