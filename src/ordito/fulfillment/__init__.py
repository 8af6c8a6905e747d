"""The work at locations: fulfillment orders, picking, packing, parcels, pick-up, tasks.

Schema owned: fulfillment. Events are on the order's timeline (orders/events.py).
Invariants: shipped <= packed <= picked <= qty per line; what a location still has to pick is
reserved there; a fulfillment order's state follows from its lines and what was done to it.
"""
