"""Orders: what was asked, what became of each unit, what it costs, who did what.

Schema owned: orders. Events out: order.* (see events.py).
Invariants: ordered = cancelled + open + backordered + reserved + released + picked + packed +
shipped + completed; the status columns equal what statuses.py derives; the amounts sum to the
total; an external id belongs to one order of its channel.
"""
