"""Quantities are whole units; what is sold by weight or length is counted in its smallest unit."""

QUANTITY_MAX = 1_000_000_000
"""Largest quantity of one line, posting or count: a sum of a billion such still fits in 64 bits."""
