"""The outside world: what speaks to servers that are not ours."""
