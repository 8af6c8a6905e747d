"""Stock: a double-entry ledger, the counters beside it, and who holds what.

Schema owned: inventory. Events out: stock.received, stock.adjusted, stock.moved, stock.counted,
hold.*, transfer.*, assembly.*, cycle_count.*, lot.*, bin_stock.*, stock_limits.set,
stock_reason.*, location.bin_stock_switched, location.pick_level_set.
Invariants: a counter equals the sum of its postings; reserved equals the reservations of the
cell; nothing is ever below zero; postings are never changed; where bin stock is kept, the bins of a
cell hold what is on hand and not picked.
"""
