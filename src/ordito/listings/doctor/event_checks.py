"""Events: the log is whole, the feed has all of it, followers keep up, answers can be read."""

import msgspec

from ordito.catalog import events as catalog_events
from ordito.channels import events as channel_events
from ordito.customers import events as customer_events
from ordito.desk import events as desk_events
from ordito.desk import watch_events
from ordito.inventory import (
    assembly_events,
    bin_events,
    cycle_count_events,
    expected_events,
    lot_events,
    transfer_events,
)
from ordito.inventory import events as inventory_events
from ordito.listings.doctor.types import Check
from ordito.locations import events as location_events
from ordito.notifications import events as mail_events
from ordito.orders import date_events
from ordito.orders import events as order_events
from ordito.platform import accounts, keys, roles
from ordito.platform.events import Event
from ordito.sourcing import events as sourcing_events
from ordito.uploads import events as upload_events
from ordito.webhooks import events as webhook_events

DEFINED_IN = (
    accounts,
    assembly_events,
    bin_events,
    catalog_events,
    channel_events,
    customer_events,
    cycle_count_events,
    date_events,
    desk_events,
    expected_events,
    inventory_events,
    keys,
    location_events,
    lot_events,
    mail_events,
    order_events,
    roles,
    sourcing_events,
    transfer_events,
    upload_events,
    watch_events,
    webhook_events,
)
"""Where event types are defined: a type is known once its module is imported."""


def _known_kinds() -> str:
    """VALUES of kind, newest version, and the fields that every body of the kind has."""
    rows = []
    for kind, event in sorted(Event.kinds.items()):
        required = [field.encode_name for field in msgspec.structs.fields(event) if field.required]
        listed = ", ".join(f"'{name}'" for name in required)
        rows.append(f"('{kind}', {event.version}, ARRAY[{listed}]::text[])")
    return ",\n                    ".join(rows)


_VERSIONED = (
    ("item", "catalog.item"),
    ("location", "locations.location"),
    ("channel", "channels.channel"),
    ("policy", "sourcing.policy"),
    ("rollout", "sourcing.rollout"),
    ("receipt", "inventory.receipt"),
    ("hold", "inventory.stock_hold"),
    ("lot", "inventory.lot"),
    ("customer", "customers.customer"),
    ("transfer", "inventory.transfer"),
    ("assembly", "inventory.assembly"),
    ("cycle_count", "inventory.cycle_count"),
    ("supply", "inventory.expected_receipt"),
    ("bulk_job", "desk.job"),
    ("data_import", "uploads.job"),
    ("watch", "desk.watch"),
    ("watch_rule", "desk.watch_rule"),
    ("user", "platform.app_user"),
    ("key", "platform.api_key"),
    ("role", "platform.role"),
)

_VERSIONS = " UNION ALL ".join(
    f"SELECT '{stream}' AS stream, t.id, t.version::int8 AS version FROM {table} AS t"  # noqa: S608
    for stream, table in _VERSIONED
)

CHECKS = (
    Check(
        id="E1",
        title="No timeline has a gap, and each ends at the version of what it tells of",
        hint="An event was lost or written past the program. Restore it from a backup.",
        sql=f"""
            SELECT e.stream_id, e.events, e.oldest, e.newest, v.stream, v.version
            FROM (
                SELECT e.stream_id, count(*) AS events, min(e.seq) AS oldest, max(e.seq) AS newest
                FROM platform.event AS e
                GROUP BY e.stream_id
            ) AS e
            LEFT JOIN ({_VERSIONS}) AS v ON v.id = e.stream_id
            WHERE e.events <> e.newest - e.oldest + 1 OR e.newest <> v.version
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="E2",
        title="Every event is of a known kind and has what its kind says",
        hint="The timeline can't show it and followers can't read it. A newer program wrote it, or"
        " someone wrote past the program.",
        reach="orders",
        sql=f"""
            SELECT e.stream_id, e.seq, e.kind, e.version
            FROM platform.event AS e
            LEFT JOIN (
                VALUES
                    {_known_kinds()}
            ) AS k (kind, version, required) ON k.kind = e.kind
            WHERE e.stream_id IN ORDERS
              AND (k.kind IS NULL OR e.version NOT BETWEEN 1 AND k.version
                   OR jsonb_typeof(e.body) <> 'object'
                   OR (e.version = k.version AND NOT e.body ?& k.required))
        """,  # noqa: S608 (constants of this module)
    ),
    Check(
        id="I34",
        title="Every event is in the feed, or waits to be moved there",
        hint="Who follows the feed will never hear of it. Add a row to platform.pending for it.",
        reach="orders",
        sql="""
            SELECT e.stream_id, e.seq, e.kind
            FROM platform.event AS e
            LEFT JOIN platform.feed AS f ON f.stream_id = e.stream_id AND f.seq = e.seq
            LEFT JOIN (
                SELECT w.stream_id, w.seq
                FROM platform.pending AS p,
                     unnest(p.stream_ids, p.seqs) AS w (stream_id, seq)
            ) AS w ON w.stream_id = e.stream_id AND w.seq = e.seq
            WHERE e.stream_id IN ORDERS AND f.position IS NULL AND w.seq IS NULL
        """,
    ),
    Check(
        id="E3",
        title="The feed has no gap, tells only of events, and each stream in order",
        hint="Followers wait for a position that never comes, or hear of things in a wrong order."
        " Restore platform.feed from a backup.",
        sql="""
            SELECT f.position, f.stream_id, f.seq, f.kind, f.previous, f.earlier_seq
            FROM (
                SELECT f.position, f.stream_id, f.seq, f.kind,
                       lag(f.position) OVER (ORDER BY f.position) AS previous,
                       lag(f.seq) OVER (PARTITION BY f.stream_id ORDER BY f.position)
                           AS earlier_seq
                FROM platform.feed AS f
            ) AS f
            LEFT JOIN platform.event AS e ON e.stream_id = f.stream_id AND e.seq = f.seq
            WHERE f.position <> f.previous + 1 OR f.seq <= f.earlier_seq
               OR e.kind IS DISTINCT FROM f.kind
        """,
    ),
    Check(
        id="I35",
        title="Events reach the feed within minutes",
        hint="No worker moves them: start one (`ordito serve` or `ordito worker`), or look at why"
        " it is stuck in its log.",
        severity="warning",
        # A shop whose program is off for a while is not ill; one whose worker runs past them is.
        sql="""
            SELECT p.id, p.at, cardinality(p.seqs) AS events
            FROM platform.pending AS p
            WHERE p.at < now() - interval '1 hour'
               OR (p.at < now() - interval '5 minutes'
                   AND p.at < (SELECT max(s.ran_at) FROM platform.schedule AS s)
                              - interval '5 minutes')
        """,
    ),
    Check(
        id="E4",
        title="No follower is ahead of the feed",
        hint="The feed was restored from an older state than the follower. Set its position to the"
        " feed's newest one; what it follows may have to be made anew.",
        sql="""
            SELECT f.name, f.position, newest.position AS newest
            FROM platform.follower AS f,
                 (SELECT coalesce(max(position), 0) AS position FROM platform.feed) AS newest
            WHERE f.position > newest.position
        """,
    ),
    Check(
        id="E5",
        title="Followers keep up with the feed",
        hint="Look at why it is slow or stuck in the worker's log.",
        severity="warning",
        sql="""
            SELECT f.name, f.position, newest.position - f.position AS behind, f.updated_at
            FROM platform.follower AS f,
                 (SELECT coalesce(max(position), 0) AS position FROM platform.feed) AS newest
            WHERE newest.position - f.position > 10000
              AND f.updated_at < (SELECT max(s.ran_at) FROM platform.schedule AS s)
                                 - interval '15 minutes'
        """,
    ),
    Check(
        id="E6",
        title="No event is parked",
        hint="A follower failed at it; it is tried again, or was given up. Look at its error, then"
        " let it be tried again.",
        severity="warning",
        sql="""
            SELECT p.follower, p.position, p.stream_id, p.attempts, p.gave_up, p.error
            FROM platform.parked_event AS p
            WHERE p.attempts > 0
        """,
    ),
    Check(
        id="E7",
        title="What is parked is in the feed, behind its follower's position, for a known follower",
        hint="It would never be tried again: delete the row after looking at it.",
        sql="""
            SELECT p.follower, p.position, p.stream_id
            FROM platform.parked_event AS p
            LEFT JOIN platform.follower AS f ON f.name = p.follower
            LEFT JOIN platform.feed AS e ON e.position = p.position AND e.stream_id = p.stream_id
            WHERE f.name IS NULL OR e.position IS NULL OR p.position > f.position
        """,
    ),
    Check(
        id="I38",
        title="Stored answers to repeated requests are whole",
        hint="A client that sends its request again would get nonsense. Delete the row.",
        sql="""
            SELECT i.actor_id, i.key, i.status, i.at
            FROM platform.idempotency AS i
            WHERE i.status NOT BETWEEN 200 AND 299 OR length(i.fingerprint) <> 16
               OR NOT (i.answer IS JSON) OR i.at > now() + interval '5 minutes'
        """,
    ),
    Check(
        id="E8",
        title="Jobs of the schedule run without failing",
        hint="Look at the job's error; it is tried again by itself.",
        severity="warning",
        sql="""
            SELECT s.job, s.attempts, s.error, s.due_at, s.ran_at
            FROM platform.schedule AS s
            WHERE s.attempts >= 3
        """,
    ),
)
