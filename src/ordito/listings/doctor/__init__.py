"""The doctor: what must be true of the live data, asked of all tables at one moment.

Read-only. Each check is data: an SQL text whose rows are what is wrong. `examine` asks them all,
or, for given orders and cells, those that can be asked of them alone.
"""
