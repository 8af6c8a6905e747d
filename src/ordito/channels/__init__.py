"""Where orders come from: channels, markets, exchange rates.

Schema owned: channels. Events out: channel.created, channel.changed, markets.changed,
rates.changed.
"""
