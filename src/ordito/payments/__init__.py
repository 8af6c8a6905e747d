"""What orders are to be paid with. Schema owned: payments. Gateways are another chapter."""
