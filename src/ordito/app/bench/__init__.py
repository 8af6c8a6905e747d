"""Benchmarks: each measures Ordito beside a reference in the same run, since machines differ."""
