"""The read side: lists and pages that join what the slices keep apart.

Owns the schema `listings`: a search table that only its follower writes and that can be made anew
from the slices' tables at any time. Reads other slices' tables, never writes them.
"""
