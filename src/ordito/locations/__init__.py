"""Places with stock: warehouses, stores, 3PLs; their bins; where postal codes lie.

Schema owned: locations. Events out: location.created, location.changed, location.bins_changed,
location.items_binned, location.local_delivery_changed.
"""
