"""Pick-up in a store: made ready and told, then handed over, or not collected."""

import hmac
import secrets

from ordito.flows.cancel_order import Cut, cancel_units
from ordito.flows.opened_work import open_work
from ordito.fulfillment.asks import CloseNotCollected, HandOver, MakeReady
from ordito.fulfillment.problems import PickupCodeWrong
from ordito.orders.events import PickupNotCollected, PickupReady, UnitsHandedOver
from ordito.orders.states import OrderState
from ordito.platform.database import Tx
from ordito.platform.door import command
from ordito.platform.problems import Fault, InvalidInput

_CODE_DIGITS = 6


@command(permission="fulfillment.write")
def make_ready(tx: Tx, ask: MakeReady) -> OrderState:
    """The box waits for the customer, who will be asked for a code that only they are told."""
    work = open_work(tx, ask, "make_ready")
    code = work.fo.pickup_code or f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"
    work.changes.mark(work.fo, "ready", pickup_code=code)
    return work.finish(PickupReady(ask.fo_no, work.location), "ready")


@command(permission="fulfillment.write")
def hand_over(tx: Tx, ask: HandOver) -> OrderState:
    """The customer took the goods; they showed the code, or who they are."""
    work = open_work(tx, ask, "hand_over")
    if ask.code is None and not ask.id_checked:
        detail = "Ask for the code, or check an identity document and send `id_checked`."
        raise InvalidInput("Nothing was handed over.", errors=[Fault("/code", "required", detail)])
    if ask.code is not None and not _matches(ask.code, work.fo.pickup_code or ""):
        raise PickupCodeWrong(
            "It is not the code that this customer was told. Nothing was changed."
        )
    units = work.choose_units(None, "unshipped")
    for line_no, qty in units.items():
        work.changes.move(work.opened, line_no, qty, ("packed", "shipped"), work.fo)
    work.changes.mark(work.fo, "handed_over")
    work.changes.deliver(work.fo, units)
    return work.finish(UnitsHandedOver(ask.fo_no, work.location, units), "handed_over")


def _matches(code: str, stored: str) -> bool:
    digits = "".join(ch for ch in code if not ch.isspace())
    return hmac.compare_digest(digits.encode(), stored.encode())


@command(permission="fulfillment.write")
def close_not_collected(tx: Tx, ask: CloseNotCollected) -> OrderState:
    """The customer did not come: the units go back on sale and cost nothing."""
    work = open_work(tx, ask, "not_collected")
    units = work.choose_units(None, "unshipped")
    cuts = [Cut(line_no, "packed", qty, work.fo) for line_no, qty in units.items()]
    cancel_units(work.changes, work.opened, cuts, reason="not_collected")
    work.changes.mark(work.fo, "not_collected")
    event = PickupNotCollected(ask.fo_no, work.location, units)
    return work.finish(event, "not_collected")
