"""Where orders come from: channels, the shops they are connected to, markets, exchange rates.

Schema owned: channels. Events out: channel.created, channel.changed, channel.shop_connected,
markets.changed, rates.changed.
"""
