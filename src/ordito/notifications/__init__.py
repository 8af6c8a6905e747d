"""What is told to people: mails on their way, their texts, links to the tracking page.

Schema owned: notifications. Mails are an outbox: written in the transaction that causes them, sent
later, outside of any.
Invariants: a key is queued once; a mail is waiting with a due time, or it was sent, or it failed;
an order has one tracking link at most, of 160 random bits.
"""
