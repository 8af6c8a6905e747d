"""Create and change the reasons that people give when stock differs or is set aside."""

import msgspec

from ordito.inventory.events import StockReasonChanged, StockReasonCreated
from ordito.inventory.reasons import (
    REASONS_MAX,
    STOCK_REASON,
    TAKEN,
    CreateReason,
    Reason,
    UpdateReason,
    insert_reason,
    lock_reason,
    read_reasons,
    write_reason,
)
from ordito.kernel.asks import differences, given
from ordito.kernel.ids import new_id
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import AlreadyExists, Fault, InvalidInput, NotFound
from ordito.platform.versions import check_version


@command(permission="settings.write")
def create_reason(tx: Tx, ask: CreateReason) -> Reason:
    """Add a reason; its code stands in the ledger for ever."""
    reason = Reason(
        code=ask.code,
        id=new_id(),
        words=" ".join(ask.words.split()),
        more_from=ask.more_from,
        fewer_to=ask.fewer_to,
        moves=ask.moves,
        note_required=ask.note_required,
        active=True,
        built_in=False,
        version=1,
    )
    faults = _faults(reason)
    if ask.code in TAKEN:
        detail = f"“{ask.code}” is what Ordito itself writes into the ledger; take another code."
        faults.append(Fault("/code", "taken", detail))
    if faults:
        raise InvalidInput("No reason was made.", errors=faults)
    if len(read_reasons(tx)) >= REASONS_MAX:
        raise InvalidInput(f"There are {REASONS_MAX} reasons already: nobody would find another.")
    if not insert_reason(tx, reason):
        raise AlreadyExists(
            f"There is a reason “{ask.code}” already. Change that one, or take another code.",
            extra={"existing": {"code": ask.code}},
        )
    tx.emit(STOCK_REASON, reason.id, StockReasonCreated(reason.code))
    return reason


@command(permission="settings.write")
def update_reason(tx: Tx, ask: UpdateReason) -> Reason:
    """Change a reason, or put it out of use; what was booked with it keeps it."""
    before = lock_reason(tx, ask.code)
    if before is None:
        raise NotFound(f"There is no reason “{ask.code[:60]}”.")
    check_version("reason", before.version, ask.version)
    changes = given(ask, without=("code", "version"))
    if "words" in changes:
        changes["words"] = " ".join(changes["words"].split())
    after = msgspec.structs.replace(before, **changes)
    faults = _faults(after)
    if faults:
        raise InvalidInput("Nothing was changed.", errors=faults)
    changed = differences(before, after)
    if not changed:
        return before
    write_reason(tx, after)
    tx.emit(STOCK_REASON, after.id, StockReasonChanged(after.code, changed))
    return msgspec.structs.replace(after, version=before.version + 1)


def _faults(reason: Reason) -> list[Fault]:
    faults = []
    if not reason.words and not reason.built_in:
        faults.append(Fault("/words", "required", "Say what people read."))
    if reason.more_from is None and reason.fewer_to is None and not reason.moves:
        detail = "Say what it can be given for: more, fewer, or setting aside."
        faults.append(Fault("/moves", "required", detail))
    return faults
