"""Import order files: read as a stream, booked in chunks, continued where it was cut off."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal, TypeVar
from uuid import UUID

import msgspec

from ordito.flows.begin_import import (
    BeginImport,
    ImportBegun,
    PrepareChannel,
    begin_import,
    prepare_channel,
)
from ordito.flows.book_history import BookHistory, book_history
from ordito.flows.finish_import import FinishImport, finish_import
from ordito.flows.implied_items import CreateImplied, create_missing_items
from ordito.flows.import_progress import Booked, booked_of
from ordito.flows.match_cancellations import MatchCancellations, match_cancellations
from ordito.flows.place_entries import place_entries
from ordito.flows.record_placed import Placed, RecordPlaced, record_placed
from ordito.intake.columns import map_columns
from ordito.intake.envelopes import Envelope, read_envelopes, storable
from ordito.intake.imports import ImportedFile
from ordito.intake.inbox import first_parked
from ordito.intake.presets import Preset
from ordito.intake.tables import TableFormat, TableOptions, open_table
from ordito.intake.tallies import KINDS, KindTally
from ordito.intake.types import CancellationEntry, Mode, OrderEntry
from ordito.platform.access import Actor
from ordito.platform.database import Database, Tx
from ordito.platform.door import run
from ordito.platform.events import write_events
from ordito.platform.problems import Busy

ROWS_PER_CHUNK = 2_500
ENTRIES_PER_CHUNK = 1_000
ATTEMPTS_MAX = 20
_PIECE = 1024 * 1024

_Seen = TypeVar("_Seen")


class Source(msgspec.Struct, frozen=True):
    """A file to be imported: its name, and how to open it (again and again)."""

    name: str
    open: Callable[[], BinaryIO]


class ImportOrders(msgspec.Struct, frozen=True, kw_only=True):
    """How files are to be imported.

    preset:   with the mode that is wanted.
    location: where a live import books stock corrections; without it they are parked.
    options:  what the sender knows of the files; what is left out is found out.
    """

    channel: str
    preset: Preset
    create_channel: bool = False
    create_items: bool = False
    location: str | None = None
    options: TableOptions = TableOptions()


class FileReading(msgspec.Struct, frozen=True):
    """How a file was understood: to be shown before it is imported."""

    file: ImportedFile
    format: TableFormat
    columns: dict[str, str]
    """Field of the preset → the file's heading."""
    unmapped: tuple[str, ...]


class ParkedMessage(msgspec.Struct, frozen=True):
    """A message that could not be booked, and the lines of the file it stands on."""

    id: UUID
    source: str
    lines: list[int]
    reason: str
    words: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import held, by kind, and what became of it.

    tallies:    all kinds; the kinds' sums of a month add up to the files' own sums. Orders are
                counted without sums, since their lines carry them.
    duplicates: entries that had been booked before.
    repeated:   True when the very same import had been done before: nothing was read or written.
    """

    run_id: UUID | None
    channel: str
    preset: str
    mode: Mode
    state: Literal["done", "preview"]
    tallies: dict[str, KindTally]
    duplicates: int
    repeated: bool
    channel_created: bool
    files: list[FileReading]
    first_parked: list[ParkedMessage]
    """The first that wait: where they stand, and why."""


Tell = Callable[[int, int], None]
"""Called with bytes read and bytes in all, as the import goes on."""


def import_orders(
    db: Database,
    actor: Actor,
    ask: ImportOrders,
    sources: Sequence[Source],
    *,
    tell: Tell | None = None,
) -> ImportReport:
    """Import files in the order given, as one import.

    A file that can't be used is refused before anything is written; a bad row parks its order
    alone. The same files once more change nothing; an import cut off goes on where it was.
    Raises FileUnreadable, FileTooLarge, ColumnsNotUsable, NotFound, NotPermitted.
    """
    readings = [look_at(source, ask) for source in sources]
    with _doors(db, actor, preview=False) as door:
        return _import(door, ask, readings, sources, tell)


def preview_import(
    db: Database,
    actor: Actor,
    ask: ImportOrders,
    sources: Sequence[Source],
    *,
    tell: Tell | None = None,
) -> ImportReport:
    """What the import would do, in a transaction that is rolled back.

    Live orders are not placed for it: they count as they were read.
    """
    readings = [look_at(source, ask) for source in sources]
    with _doors(db, actor, preview=True) as door:
        return _import(door, ask, readings, sources, tell)


def look_at(source: Source, ask: ImportOrders) -> FileReading:
    """How a file is understood; raises what makes it unusable, before anything is written."""
    content = hashlib.blake2b(digest_size=16)
    size = 0
    with source.open() as stream:
        while piece := stream.read(_PIECE):
            content.update(piece)
            size += len(piece)
    with source.open() as stream:
        table = open_table(stream, source.name, ask.options)
        columns = map_columns(table, ask.preset)
        return FileReading(
            ImportedFile(storable(source.name), content.hexdigest(), size),
            table.format,
            columns.headings,
            columns.unmapped,
        )


class _Door(msgspec.Struct):
    """How commands are carried out: each in its own transaction, or all in one that is undone."""

    db: Database
    actor: Actor
    tx: Tx | None

    def run(self, function: Callable[[Tx, Any], Any], ask: Any) -> Any:
        if self.tx is None:
            return self._run_patiently(function, ask)
        self.actor.require("intake.write")
        answer = function(self.tx, ask)
        write_events(self.tx)
        return answer

    def _run_patiently(self, function: Callable[[Tx, Any], Any], ask: Any) -> Any:
        """Another import of the channel may be in the way for a while; its chunks are short."""
        for attempt in range(1, ATTEMPTS_MAX):
            try:
                return run(self.db, self.actor, function, ask)
            except Busy:
                time.sleep(0.1 * attempt)
        return run(self.db, self.actor, function, ask)

    def read(self, look: Callable[[Tx], _Seen]) -> _Seen:
        if self.tx is not None:
            return look(self.tx)
        with self.db.reading(self.actor) as tx:
            return look(tx)


@contextmanager
def _doors(db: Database, actor: Actor, *, preview: bool) -> Iterator[_Door]:
    if not preview:
        yield _Door(db, actor, None)
        return
    with db.connection() as conn, conn.transaction(force_rollback=True):
        tx = db.tx(conn, actor)
        # What is read of this transaction must not be remembered by the process.
        tx.memory = {}
        yield _Door(db, actor, tx)


def _import(
    door: _Door,
    ask: ImportOrders,
    readings: Sequence[FileReading],
    sources: Sequence[Source],
    tell: Tell | None,
) -> ImportReport:
    if ask.create_channel:
        door.run(prepare_channel, PrepareChannel(channel=ask.channel))
    begun: ImportBegun = door.run(
        begin_import,
        BeginImport(
            channel=ask.channel,
            preset=ask.preset,
            files=tuple(reading.file for reading in readings),
            create_channel=ask.create_channel,
        ),
    )
    repeated = begun.run.state == "done"
    booked = booked_of(begun.run)
    if not repeated:
        asked = msgspec.structs.replace(ask, preset=begun.preset)
        booked = _Import(door, asked, booked).book(readings, sources, tell)
    return ImportReport(
        run_id=begun.run.id if door.tx is None else None,
        channel=ask.channel,
        preset=begun.run.preset,
        mode=begun.run.mode,
        state="done" if door.tx is None else "preview",
        tallies=_all_kinds(booked.tallies),
        duplicates=booked.duplicates,
        repeated=repeated,
        channel_created=begun.channel_created,
        files=list(readings),
        first_parked=door.read(lambda tx: _first_parked(tx, begun.run.id)),
    )


def _first_parked(tx: Tx, run_id: UUID) -> list[ParkedMessage]:
    return [
        ParkedMessage(m.id, m.source, m.source_lines, m.reason, m.words)
        for m in first_parked(tx, run_id)
    ]


def _all_kinds(tallies: dict[str, KindTally]) -> dict[str, KindTally]:
    return {kind: tallies.get(kind, KindTally(0, {})) for kind in KINDS}


class _Import:
    """One import on its way through the files."""

    def __init__(self, door: _Door, ask: ImportOrders, booked: Booked) -> None:
        self.door = door
        self.ask = ask
        self.booked = booked
        self.waiting: list[Envelope] = []
        self.waiting_rows = 0
        self.back: list[Envelope] = []

    def book(
        self, readings: Sequence[FileReading], sources: Sequence[Source], tell: Tell | None
    ) -> Booked:
        """Book what was not booked yet; goods taken back come last, in order of their time."""
        skipped = self.booked.position
        for n, envelope in enumerate(self._read(readings, sources, tell)):
            if n >= skipped:
                self._take(envelope)
        self._book_waiting()
        # Sorted: a cancellation may stand above the order it means.
        self.back.sort(key=_time_of)
        for start in range(self.booked.position_back, len(self.back), ENTRIES_PER_CHUNK):
            self.booked = self.door.run(
                match_cancellations,
                MatchCancellations(
                    run_id=self.booked.run_id,
                    position_back=start,
                    envelopes=tuple(self.back[start : start + ENTRIES_PER_CHUNK]),
                ),
            )
        self.booked = self.door.run(finish_import, FinishImport(run_id=self.booked.run_id))
        return self.booked

    def _read(
        self, readings: Sequence[FileReading], sources: Sequence[Source], tell: Tell | None
    ) -> Iterator[Envelope]:
        """Everything but what takes goods back, which is kept for later."""
        whole = sum(reading.file.size for reading in readings)
        done = 0
        for reading, source in zip(readings, sources, strict=True):
            with source.open() as stream:
                table = open_table(stream, source.name, self.ask.options)
                for envelope in read_envelopes(table, self.ask.preset, source=source.name):
                    if envelope.goes_back:
                        self.back.append(envelope)
                    else:
                        yield envelope
                    if tell:
                        tell(done + min(stream.tell(), reading.file.size), whole)
            done += reading.file.size

    def _take(self, envelope: Envelope) -> None:
        self.waiting.append(envelope)
        self.waiting_rows += len(envelope.rows)
        if self.waiting_rows >= ROWS_PER_CHUNK or len(self.waiting) >= ENTRIES_PER_CHUNK:
            self._book_waiting()

    def _book_waiting(self) -> None:
        if not self.waiting:
            return
        envelopes = tuple(self.waiting)
        self.waiting, self.waiting_rows = [], 0
        if self.ask.preset.mode == "history":
            self.booked = self.door.run(
                book_history,
                BookHistory(
                    run_id=self.booked.run_id,
                    position=self.booked.position,
                    envelopes=envelopes,
                    create_items=self.ask.create_items,
                ),
            )
        else:
            self._book_live(envelopes)

    def _book_live(self, envelopes: tuple[Envelope, ...]) -> None:
        if self.ask.create_items:
            entries = tuple(e.entry for e in envelopes if not e.parked)
            self.door.run(create_missing_items, CreateImplied(entries=entries))
        self.booked = self.door.run(
            record_placed,
            RecordPlaced(
                run_id=self.booked.run_id,
                position=self.booked.position,
                envelopes=envelopes,
                placed=self._place(envelopes),
                location=self.ask.location,
            ),
        )

    def _place(self, envelopes: Sequence[Envelope]) -> dict[str, Placed]:
        orders = {
            envelope.content_hash.hex(): envelope.entry
            for envelope in envelopes
            if isinstance(envelope.entry, OrderEntry)
        }
        if self.door.tx is not None:
            return {hash_: Placed(order_id=UUID(int=0)) for hash_ in orders}
        outcomes = place_entries(
            self.door.db,
            self.door.actor,
            self.ask.channel,
            list(orders.values()),
        )
        return dict(zip(orders, outcomes, strict=True))


def _time_of(envelope: Envelope) -> Any:
    assert isinstance(envelope.entry, CancellationEntry), "kept for taking goods back"
    return envelope.entry.at
