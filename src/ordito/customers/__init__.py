"""Who buys. Schema owned: customers; `person` and `contact` are personal data.

Invariant: an e-mail address, a phone number or a channel's reference belongs to one customer.
"""
