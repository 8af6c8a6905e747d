"""Events told to other programs over HTTP, as Standard Webhooks says.

Schema owned: webhooks. Invariants: a stream's later event is not sent before its earlier one was
taken or given up; every event is sent at least once; an endpoint has one secret without an end.
Events out: webhook.created, webhook.changed, webhook.switched_off, webhook.secret_rotated,
webhook.replayed, webhook.pinged, webhook.deleted.
"""
