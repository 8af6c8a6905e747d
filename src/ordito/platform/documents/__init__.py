"""Pages of docs/ that are written by the program itself, so that they can't fall behind it.

`python -m ordito.platform.documents` writes them; a test compares them with what is committed.
"""
