"""Derived states once more, in SQL: twins of the pure functions, for a million rows at a time.

Each is an expression over the named columns; a test compares it with its function over every
combination of small numbers.
"""

LIFE = """
    CASE WHEN life = 'draft' THEN 'draft'
         WHEN cancelled = ordered THEN 'cancelled'
         WHEN cancelled + completed + shipped = ordered AND delivered = shipped THEN 'closed'
         ELSE 'open' END"""
"""orders.statuses: life of an order, from its sums (life: the one before)."""

FULFILMENT = """
    CASE WHEN ordered > cancelled AND shipped + completed = ordered - cancelled THEN 'fulfilled'
         WHEN held THEN 'on_hold'
         WHEN shipped + completed > 0 THEN 'partially_fulfilled'
         WHEN released + picked + packed > 0 THEN 'in_progress'
         ELSE 'unfulfilled' END"""

RETURN_STATE = """
    CASE WHEN returned > 0 AND returned = shipped THEN 'returned'
         WHEN returned > 0 THEN 'in_progress'
         WHEN return_requested > 0 THEN 'requested'
         ELSE 'none' END"""

WORK_STATE = """
    CASE WHEN qty = 0 THEN
             CASE WHEN state IN ('cancelled', 'rejected', 'short', 'not_collected',
                               'delivered') THEN state
                  ELSE 'cancelled' END
         WHEN shipped = qty THEN
             CASE WHEN delivery = 'pickup' THEN 'handed_over'
                  WHEN under_way > 0 THEN 'shipped'
                  ELSE 'delivered' END
         WHEN packed = qty THEN CASE WHEN state = 'ready' THEN 'ready' ELSE 'packed' END
         WHEN picked = qty THEN 'picked'
         WHEN picked = 0 AND state IN ('scheduled', 'open', 'released') THEN state
         ELSE 'picking' END"""
"""fulfillment.states: state of a fulfillment order, from its sums and the state before."""

CANCELLED_SHARE = """
    div(2 * (net_minor + tax_minor)::numeric * cancelled + ordered, 2 * ordered::numeric)"""
"""orders.cancellations: what the cancelled units of a line would have cost."""
