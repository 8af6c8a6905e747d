"""How far an import is: read under its lock, written with what was booked."""

from decimal import Decimal
from uuid import UUID

import msgspec

from ordito.channels.types import Channel
from ordito.flows.intake_log import IntakeLog
from ordito.flows.reference import reference
from ordito.intake import imports
from ordito.intake.imports import ImportRun
from ordito.intake.tallies import KindTally, Tally
from ordito.intake.types import Kind
from ordito.platform.database import Tx
from ordito.platform.problems import ActionNotAllowed, NotFound


class Booked(msgspec.Struct, frozen=True):
    """What an import has booked so far; positions as in ImportRun."""

    run_id: UUID
    position: int
    position_back: int
    tallies: dict[str, KindTally]
    duplicates: int


def open_progress(
    tx: Tx, run_id: UUID, *, position: int | None = None, position_back: int | None = None
) -> tuple[ImportRun, Channel]:
    """Lock the import; raises ActionNotAllowed when another program has gone on with it."""
    run = imports.lock_run(tx, run_id)
    imports.lock_channel(tx, run.channel_id)
    channel = reference(tx).channels_by_id.get(run.channel_id)
    if channel is None or not tx.actor.sees_channel(run.channel_id):
        raise NotFound("There is no such import, or it belongs to a channel you don't see.")
    behind = position is not None and position != run.position
    behind_back = position_back is not None and position_back != run.position_back
    if behind or behind_back:
        raise ActionNotAllowed(
            "Another program goes on with this import at the moment. Let it finish, or stop it and"
            " start the same import again: it continues where it was cut off.",
            extra={"allowed_actions": []},
        )
    return run, channel


def write_progress(
    tx: Tx,
    run: ImportRun,
    log: IntakeLog,
    *,
    position: int | None = None,
    position_back: int | None = None,
) -> Booked:
    """Add the log's tally to the import's and move it on."""
    tally = tally_of(run.tallies)
    tally.merge(log.tally)
    after = msgspec.structs.replace(
        run,
        position=run.position if position is None else position,
        position_back=run.position_back if position_back is None else position_back,
        tallies={str(kind): told for kind, told in tally.kinds().items()},
        duplicates=run.duplicates + log.duplicates,
    )
    imports.write_progress(tx, after)
    return booked_of(after)


def take_from_tally(tx: Tx, run_id: UUID, before: dict[str, KindTally], log: IntakeLog) -> None:
    """Count rows that were tried again as they are now, no longer as they were before."""
    run = imports.lock_run(tx, run_id)
    tally = tally_of(run.tallies)
    old = tally_of(before)
    for (kind, month), amount in old.sums.items():
        tally.count(kind, month, -amount, rows=0)
    tally.counts.subtract(old.counts)
    tally.merge(log.tally)
    for place in [place for place, amount in tally.sums.items() if not amount]:
        # A month in which nothing of a kind is left is no month of it.
        if not tally.counts[place[0]]:
            del tally.sums[place]
    told = {str(kind): kind_tally for kind, kind_tally in tally.kinds().items()}
    imports.write_progress(tx, msgspec.structs.replace(run, tallies=told))


def booked_of(run: ImportRun) -> Booked:
    return Booked(run.id, run.position, run.position_back, run.tallies, run.duplicates)


def tally_of(kinds: dict[str, KindTally]) -> Tally:
    """A tally as it was stored."""
    tally = Tally()
    for kind, told in kinds.items():
        known: Kind = kind  # type: ignore[assignment]
        tally.count(known, "", None, rows=told.count)
        del tally.sums[(known, "")]
        for month, amount in told.months.items():
            tally.count(known, month, Decimal(amount), rows=0)
    return tally
