"""Machinery: database, the door, events, worker, problems. Knows nothing of orders or stock.

Schema owned: platform. Tables: event, pending, feed, follower, parked_event, idempotency, job,
inbox, installation, migration, app_user, session, api_key.
"""
