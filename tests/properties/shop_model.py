"""What the shop should hold, kept in plain Python beside the real one."""

from collections import Counter

from ordito.orders.states import OrderState

KITS = {"set": {"tea": 1, "cup": 2}}


def pieces(sku: str, units: int) -> Counter[str]:
    """What so many units of an item are, in pieces of stocked items."""
    if sku == "wrap":
        return Counter()
    return Counter({part: per * units for part, per in KITS.get(sku, {sku: 1}).items()})


class Model:
    """Pieces on all shelves by SKU, and per order how many units of each line were asked for."""

    def __init__(self, opening: dict[str, int]) -> None:
        self.on_hand = Counter(opening)
        self.ordered: dict[object, dict[int, int]] = {}
        self.states: dict[object, OrderState] = {}

    def see(self, state: OrderState, *, lost: Counter[str] | None = None) -> None:
        """An act gave this state: what was shipped is gone, what was restocked is back."""
        before = self.states.get(state.id)
        for n, line in enumerate(state.lines):
            was = before.lines[n] if before else None
            shipped = line.shipped - (was.shipped if was else 0)
            back = line.returned - line.written_off
            came = back - (was.returned - was.written_off if was else 0)
            self.on_hand.subtract(pieces(line.sku, shipped - came))
        self.on_hand.subtract(lost or Counter())
        self.states[state.id] = state

    def check(self, state: OrderState) -> None:
        """Claims about one order that any act leaves true."""
        asked = self.ordered[state.id]
        assert {line.line_no: line.ordered for line in state.lines} == asked
        before = self.states.get(state.id)
        if before is not None:
            assert state.version >= before.version
            for was, line in zip(before.lines, state.lines, strict=True):
                # What left, what was cancelled and what came back never goes backwards.
                assert line.shipped >= was.shipped
                assert line.cancelled >= was.cancelled
                assert line.delivered >= was.delivered
                assert line.returned >= was.returned
