"""Wiring: which rooms, which adapters, which reactions."""
