"""What became of each message of an import: inbox, booked rows, charges, and the tally."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import msgspec

from ordito.channels.types import Channel
from ordito.intake import booked_rows, charges, inbox
from ordito.intake.envelopes import Envelope, storable
from ordito.intake.tallies import Tally
from ordito.intake.types import (
    CancellationEntry,
    Charge,
    ChargeEntry,
    Kind,
    Mode,
    OrderEntry,
    ParkedRow,
    StockAdjustmentEntry,
)
from ordito.kernel.ids import new_id
from ordito.kernel.text import normal_code
from ordito.platform import arrays
from ordito.platform.database import Tx
from ordito.platform.problems import Problem

REASON_CHARS_MAX = 60
WORDS_CHARS_MAX = 2_000


class Origin(msgspec.Struct, frozen=True):
    """Where messages come from: the channel, how they were read, and in which import."""

    channel: Channel
    preset: str
    mode: Mode
    run_id: UUID | None = None


class Why(msgspec.Struct, frozen=True):
    """Why something waits: a code, and words that say what to do."""

    reason: str
    words: str


def why_of(problem: Problem) -> Why:
    """A problem as the reason for which a message is parked; the first fault names it."""
    if not problem.errors:
        return Why(problem.slug, problem.detail or problem.title)
    words = " ".join(dict.fromkeys(fault.detail for fault in problem.errors[:5]))
    return Why(problem.errors[0].code, words)


class IntakeLog:
    """Collects outcomes of envelopes, then writes them with the transaction that booked them."""

    def __init__(self, tx: Tx, origin: Origin, envelopes: Iterable[Envelope]) -> None:
        self.tx = tx
        self.origin = origin
        self.tally = Tally()
        self.duplicates = 0
        asked = list(envelopes)
        channel_id = origin.channel.id
        self._known = inbox.find_known(tx, [(channel_id, e.content_hash) for e in asked])
        self.booked = booked_rows.find_booked(
            tx, channel_id, [key for envelope in asked for key in envelope.row_keys]
        )
        self._own: defaultdict[bytes, Tally] = defaultdict(Tally)
        self._handled: dict[bytes, inbox.MessageState] = {}
        self._messages: list[inbox.MessageRow] = []
        self._again: list[inbox.HandledRow] = []
        self._booked: list[tuple[UUID, bytes, Kind, UUID]] = []
        self._charges: list[tuple[Any, ...]] = []
        self._ids: dict[bytes, UUID] = {}

    def message_id(self, envelope: Envelope) -> UUID:
        """The message's id: of the first time it came, or a new one."""
        known = self._known.get(envelope.content_hash)
        if known is not None:
            return known.id
        return self._ids.setdefault(envelope.content_hash, new_id())

    def settled(self, envelope: Envelope) -> bool:
        """Whether the very same message was booked before; then it is counted, not booked.

        One that was parked is tried again.
        """
        known = self._known.get(envelope.content_hash)
        state = self._handled.get(envelope.content_hash)
        if state is None and (known is None or known.state in ("parked", "received")):
            return False
        self.duplicates += 1
        if state == "parked" or envelope.parked:
            self._count_parked(envelope)
        elif isinstance(envelope.entry, OrderEntry):
            self._count(envelope, envelope.entry)
        else:
            for n, key in enumerate(envelope.row_keys):
                self.count_row(envelope, n, self.booked.get(key, "parked"))
        return True

    def _count(self, envelope: Envelope, entry: OrderEntry) -> None:
        own = Tally()
        own.add(entry)
        self.tally.merge(own)
        self._own[envelope.content_hash].merge(own)

    def _count_one(
        self, envelope: Envelope, kind: Kind, month: str, amount: Decimal | None
    ) -> None:
        self.tally.count(kind, month, amount)
        self._own[envelope.content_hash].count(kind, month, amount)

    def count_row(self, envelope: Envelope, n: int, kind: Kind) -> None:
        """Count one row of an entry whose rows are booked one by one."""
        match envelope.entry:
            case CancellationEntry(lines=lines):
                self._count_one(envelope, kind, lines[n].month, lines[n].amount)
            case StockAdjustmentEntry() as adjustment:
                self._count_one(envelope, kind, adjustment.month, adjustment.amount)
            case ChargeEntry(charge=charge):
                self._count_one(envelope, kind, charge.month, charge.amount)
            case _:
                raise AssertionError("orders and unreadable rows are counted whole")

    def book_row(self, envelope: Envelope, n: int, kind: Kind) -> None:
        """Count a row and remember it, so that no other file books it again."""
        self._remember(envelope, envelope.row_keys[n], kind)
        self.count_row(envelope, n, kind)

    def _remember(self, envelope: Envelope, key: bytes, kind: Kind) -> None:
        self.booked[key] = kind
        self._booked.append((self.origin.channel.id, key, kind, self.message_id(envelope)))

    def add_order(self, envelope: Envelope, order_id: UUID | str, *, known: bool = False) -> None:
        """An order of the file is there: placed now, or (known) sent before by another way."""
        entry = envelope.entry
        assert isinstance(entry, OrderEntry), "only orders make orders"
        self._count(envelope, entry)
        self.duplicates += known
        rows = (charge for charge in entry.charges if charge.source_line is not None)
        for charge, key in zip(rows, envelope.row_keys, strict=True):
            if key not in self.booked:
                self._remember(envelope, key, "charge")
                self._add_charge(envelope, charge, str(order_id))
        state: Literal["done", "duplicate"] = "duplicate" if known else "done"
        self.finish(envelope, state, {"order": [str(order_id)]})

    def add_charge(self, envelope: Envelope) -> None:
        """Keep a charge that belongs to no order of the file."""
        entry = envelope.entry
        assert isinstance(entry, ChargeEntry), "charges only"
        self.book_row(envelope, 0, "charge")
        self.finish(envelope, "done", {"charge": [self._add_charge(envelope, entry.charge, None)]})

    def _add_charge(self, envelope: Envelope, charge: Charge, order_id: str | None) -> str:
        entry = envelope.entry
        assert isinstance(entry, OrderEntry | ChargeEntry), "who has charges"
        if isinstance(entry, OrderEntry):
            reference, at = entry.external_id, entry.placed_at or self.tx.now
        else:
            reference, at = entry.invoice, entry.at
        id_ = new_id()
        self._charges.append(
            (
                id_,
                self.origin.channel.id,
                order_id,
                self.message_id(envelope),
                charge.kind,
                charge.code,
                charge.title,
                charge.amount,
                entry.currency,
                reference,
                at,
            )
        )
        return str(id_)

    def park(self, envelope: Envelope, why: Why) -> None:
        """Nothing of the message is booked: all its rows wait, for this reason."""
        self._count_parked(envelope)
        self.finish(envelope, "parked", {}, why)

    def park_unreadable(self, envelope: Envelope) -> None:
        """The message's rows can't be read."""
        words = " ".join(dict.fromkeys(row.words for row in envelope.parked[:5]))
        self.park(envelope, Why(envelope.parked[0].reason, words))

    def _count_parked(self, envelope: Envelope) -> None:
        match envelope.entry:
            case OrderEntry() as order:
                for line in order.lines:
                    self._count_one(envelope, "parked", line.month, line.amount)
                for charge in order.charges:
                    if charge.source_line is not None:
                        self._count_one(envelope, "parked", charge.month, charge.amount)
            case ParkedRow():
                for row in envelope.parked:
                    self._count_one(envelope, "parked", row.month, row.amount)
            case _:
                for n, key in enumerate(envelope.row_keys):
                    self.count_row(envelope, n, self.booked.get(key, "parked"))

    def finish(
        self,
        envelope: Envelope,
        state: Literal["done", "duplicate", "parked"],
        results: dict[str, list[str]],
        why: Why | None = None,
    ) -> None:
        """Say what became of the message; its rows are counted already."""
        if envelope.content_hash in self._handled:
            # The same rows again in another file of the import.
            return
        self._handled[envelope.content_hash] = state
        reason = why.reason[:REASON_CHARS_MAX] if why else ""
        words = storable(why.words[:WORDS_CHARS_MAX]) if why else ""
        tally = self._own.pop(envelope.content_hash, Tally()).kinds()
        known = self._known.get(envelope.content_hash)
        if known is not None:
            merged = {**known.results, **results}
            self._again.append((known.id, state, reason, words, merged, tally, self.tx.now))
            return
        origin = self.origin
        self._messages.append(
            (
                self.message_id(envelope),
                origin.channel.id,
                _kind_of(envelope),
                _external_key(envelope),
                envelope.content_hash,
                origin.preset,
                origin.mode,
                {
                    "columns": envelope.columns,
                    "rows": envelope.rows,
                    "row_keys": [key.hex() for key in envelope.row_keys],
                },
                state,
                reason,
                words,
                origin.run_id,
                envelope.source,
                arrays.ints(line for line, _ in envelope.rows),
                results,
                {kind: told for kind, told in tally.items() if told.count},
                self.tx.now,
                self.tx.now,
            )
        )

    def send(self) -> None:
        """Write the messages, the rows they booked, and the charges."""
        inbox.insert_messages(self.tx, self._messages)
        inbox.write_handled(self.tx, self._again)
        booked_rows.insert_booked(self.tx, self._booked)
        charges.insert_charges(self.tx, self._charges)


def external_keys(envelopes: Sequence[Envelope], channel_id: UUID) -> list[tuple[str, str]]:
    """The (channel id, external key) of the orders among envelopes."""
    return [
        (str(channel_id), normal_code(envelope.entry.external_id))
        for envelope in envelopes
        if isinstance(envelope.entry, OrderEntry)
    ]


def _kind_of(envelope: Envelope) -> inbox.MessageKind:
    match envelope.entry:
        case OrderEntry():
            return "order"
        case CancellationEntry():
            return "cancellation"
        case StockAdjustmentEntry():
            return "adjustment"
        case ChargeEntry():
            return "charge"
        case ParkedRow():
            return "unreadable"


def _external_key(envelope: Envelope) -> str | None:
    match envelope.entry:
        case OrderEntry(external_id=key) | ParkedRow(external_id=key):
            pass
        case (
            CancellationEntry(invoice=key)
            | StockAdjustmentEntry(invoice=key)
            | ChargeEntry(invoice=key)
        ):
            pass
    return normal_code(storable(key)) or None
