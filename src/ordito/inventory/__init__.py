"""Stock: a double-entry ledger, the counters beside it, and who holds what.

Schema owned: inventory. Events out: stock.received, stock.adjusted, stock.moved, stock.counted,
hold.*, transfer.*, cycle_count.*, lot.*.
Invariants: a counter equals the sum of its postings; reserved equals the reservations of the
cell; nothing is ever below zero; postings are never changed.
"""
