"""Papers: packing slips and pick lists as PDF, in any script.

Owns nothing. Invariants: what customers and staff wrote reaches the typesetter as data, never as
source; it reads no file but its own templates and fonts, and no network.
"""
