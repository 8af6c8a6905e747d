"""Planning many orders together: calculators only, values in and values out.

`candidates` says which places come into question, `baselines` what happens without it, `settled`
which orders need no solver, `programs` writes the rest as a mixed-integer program, `plans` puts
it together. Why it is built like this: docs/decisions/0009-joint-sourcing.md.
"""
