"""The demo: a real month of orders in a believable network, played to the present day."""
