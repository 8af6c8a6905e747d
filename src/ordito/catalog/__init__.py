"""What is sold: items, their barcodes and prices, kits.

Schema owned: catalog. Events out: item.created, item.changed.
Invariant: a kit's `parts` is its bill of materials down to stocked items.
"""
