"""How much may be ordered before a release: looked at before the stock, and again under a lock."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ordito.catalog.releases import send_lock
from ordito.flows.order_dates import PreorderPart
from ordito.flows.order_drafts import Draft
from ordito.flows.planned_orders import PlannedOrder
from ordito.orders.dates import count_preordered, send_count
from ordito.orders.problems import PreorderFull
from ordito.platform.database import Tx


def refuse_full(tx: Tx, drafts: dict[int, Draft], answers: list[Any]) -> None:
    """Answer drafts that want more than is left before a release, and take them out.

    Nothing is read where no draft has a pre-order that is limited. What is counted here may grow
    until the write, which looks again under a lock.
    """
    limited = {id_ for draft in drafts.values() if draft.dates.preorders for id_ in _pieces(draft)}
    if not limited:
        return
    counted = Counter(count_preordered(tx, limited))
    for i, draft in list(drafts.items()):
        pieces = _pieces(draft)
        most = _limits(draft)
        full = {id_: most[id_] - counted[id_] for id_, n in pieces.items()
                if counted[id_] + n > most[id_]}  # fmt: skip
        if full:
            answers[i] = _refuse(draft, full)
            del drafts[i]
        else:
            counted.update(pieces)


def require_room(tx: Tx, draft: Draft) -> None:
    """Lock the releases of one draft's limited pre-orders; raises PreorderFull."""
    items = set(_pieces(draft))
    if not items:
        return
    send_lock(tx, items)
    answers: list[Any] = [None]
    refuse_full(tx, {0: draft}, answers)
    if answers[0] is not None:
        raise answers[0]


def _limited(draft: Draft) -> list[PreorderPart]:
    return [part for part in draft.dates.preorders if part.most is not None]


def _pieces(draft: Draft) -> Counter[UUID]:
    """Pieces per limited item."""
    pieces: Counter[UUID] = Counter()
    for part in _limited(draft):
        pieces[part.item_id] += part.per_unit * draft.lines[part.line_no - 1].ask.quantity
    return pieces


def _limits(draft: Draft) -> dict[UUID, int]:
    return {part.item_id: part.most for part in _limited(draft) if part.most is not None}


def _refuse(draft: Draft, full: dict[UUID, int]) -> PreorderFull:
    skus: dict[UUID, str] = {}
    for part in _limited(draft):
        skus.setdefault(part.item_id, draft.lines[part.line_no - 1].item.sku)
    items = [{"sku": skus[id_], "left": max(0, left)} for id_, left in full.items()]
    said = "; ".join(f"of {item['sku']} {item['left']} more" for item in items)
    return PreorderFull(
        f"Before the release may be ordered: {said}. Nothing was placed.", extra={"items": items}
    )


class PreorderWrites:
    """Counts limited pre-orders under the locks of their releases, in the writing transaction."""

    def __init__(self, tx: Tx, planned: Sequence[PlannedOrder]) -> None:
        self._tx = tx
        self._items = {
            id_ for order in planned if order.draft.dates.preorders for id_ in _pieces(order.draft)
        }
        self._counted: Counter[UUID] = Counter()

    def send_lock(self) -> None:
        """Lock the releases: they come before cells."""
        if self._items:
            send_lock(self._tx, self._items)

    def send_read(self) -> Any:
        return send_count(self._tx, self._items) if self._items else None

    def read(self, cursor: Any) -> None:
        self._counted = Counter({row.item_id: row.pieces for row in cursor or ()})

    def fits(self, order: PlannedOrder) -> bool:
        """Whether the order is within the limits still; it then counts itself."""
        if not self._items:
            return True
        pieces, most = _pieces(order.draft), _limits(order.draft)
        if any(self._counted[id_] + n > most[id_] for id_, n in pieces.items()):
            return False
        self._counted.update(pieces)
        return True
