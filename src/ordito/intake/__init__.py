"""Intake: order files read into typed entries, by column-mapping presets that are data.

Calculators only so far: `tables` (bytes to rows with line numbers), `values`, `instants` and
`contacts` (cells to values), `presets` and `columns` (what a column means), `readings` (rows to
entries), `tallies` (each input line counted in exactly one kind), `catalogue` (items a file
implies). They write nothing; what they give is stored by the flows.
"""
