"""Page functions: each takes a Visit and gives an Answer. Floors below do the work."""
