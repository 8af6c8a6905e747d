"""The order desk: saved views of the orders list, and bulk jobs over many orders.

Schema owned: desk. Events out: bulk_job.* (see events.py).
Invariants: a job's counts equal the outcomes of its items; an item's outcome is written in the
transaction that did it, so that no order is done twice; what a job works on is frozen at its start.
"""
