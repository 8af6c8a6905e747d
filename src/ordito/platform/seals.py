"""The audit chain: each thousand positions of the feed is sealed by a hash over it and the last.

Whoever changes an event afterwards, past grants and triggers, or in a copy, would have to compute
all later seals anew; the doctor computes them and compares. Keep a seal's hash elsewhere, and that
doesn't help either. Sealed later, by a job: nothing that writes waits for it.
"""

import msgspec

from ordito.platform.access import SYSTEM
from ordito.platform.advisory_locks import try_lock
from ordito.platform.database import Database, Tx, query

POSITIONS = 1_000
"""Feed positions that one seal covers."""

AT_ONCE = 20
"""Seals made in one transaction."""

# Every column as JSON in a fixed order: two different rows never give the same text.
CONTENT = """
    sha256(
        p.hash || convert_to(
            (SELECT string_agg(
                        jsonb_build_array(f.position, e.stream_id, e.seq, e.stream, e.kind,
                            e.version,
                            to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                            e.actor_kind, e.actor_id, e.request_id, e.body)::text,
                        E'\\n' ORDER BY f.position)
             FROM platform.feed AS f
             LEFT JOIN LATERAL (
                 SELECT stream_id, seq, stream, kind, version, at, actor_kind, actor_id,
                        request_id, body
                 FROM platform.event
                 WHERE stream_id = f.stream_id AND seq = f.seq
                 LIMIT 1
             ) AS e ON true
             WHERE f.position > p.last_position AND f.position <= p.last_position + %(positions)s),
            'UTF8'
        )
    )
"""
"""The hash of what comes after `p`: a row with the hash and last position before."""


class Seal(msgspec.Struct, frozen=True):
    no: int
    last_position: int
    hash: bytes


def seal_feed(db: Database) -> int:
    """Seal what has become whole since the last seal; returns the number of seals made."""
    done = 0
    while True:
        with db.transaction(SYSTEM) as tx:
            made = _seal_some(tx)
        done += made
        if made < AT_ONCE:
            return done


def _seal_some(tx: Tx) -> int:
    if not try_lock(tx, "seals", "feed"):
        return 0
    for made in range(AT_ONCE):
        if _SEAL_NEXT.first(tx, positions=POSITIONS) is None:
            return made
    return AT_ONCE


_SEAL_NEXT = query(
    Seal,
    f"""
    INSERT INTO platform.seal (no, last_position, hash)
    SELECT p.no + 1, p.last_position + %(positions)s, {CONTENT}
    FROM (
        SELECT no, last_position, hash
        FROM platform.seal
        UNION ALL
        SELECT 0, 0, ''::bytea
        ORDER BY no DESC
        LIMIT 1
    ) AS p
    WHERE (SELECT coalesce(max(position), 0) FROM platform.feed)
          >= p.last_position + %(positions)s
    RETURNING no, last_position, hash
    """,  # noqa: S608 (constants of this module)
)
