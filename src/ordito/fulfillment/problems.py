"""What the work at locations refuses."""

from ordito.platform.problems import Problem


class ScanMismatch(Problem):
    """What was scanned is not what goes into the box; `missing`, `extra` and `unknown` say what.

    Put right what is in the box and scan again, or pack with `unchecked` if scanning is impossible.
    """

    slug = "scan-mismatch"
    title = "What was scanned is not what was picked"
    status = 409


class SlotUnavailable(Problem):
    """No place is left in that delivery slot, or no location brings orders to the address.

    `next_free` lists the next slots with room there; take one of them, or have it shipped.
    """

    slug = "slot-unavailable"
    title = "The delivery slot is not to be had"
    status = 409


class PickupCodeWrong(Problem):
    """The code is not the one of this pick-up. Ask again, or check an identity document instead."""

    slug = "pickup-code-wrong"
    title = "The pick-up code is wrong"
    status = 409
