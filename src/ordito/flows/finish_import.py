"""Finish an import: everything in its files is booked or parked."""

from uuid import UUID

import msgspec

from ordito.flows.import_progress import Booked, booked_of, open_progress
from ordito.intake import imports
from ordito.kernel.asks import Ask
from ordito.platform.database import Tx
from ordito.platform.door import command


class FinishImport(Ask, frozen=True, kw_only=True):
    run_id: UUID


@command(permission="intake.write")
def finish_import(tx: Tx, ask: FinishImport) -> Booked:
    """From now on the same files are known: importing them again changes nothing."""
    run, _ = open_progress(tx, ask.run_id)
    imports.write_progress(tx, msgspec.structs.replace(run, state="done"))
    return booked_of(run)
