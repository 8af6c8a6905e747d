"""What stock refuses."""

from ordito.platform.problems import Problem


class OutOfStock(Problem):
    """There is not enough free stock; `shortages` says of what, how much is asked and free."""

    slug = "out-of-stock"
    title = "There is not enough free stock"
    status = 409


class CountOutdated(Problem):
    """The stock moved since it was counted; `on_hand` is what it is now. Count again."""

    slug = "count-outdated"
    title = "The stock has changed since it was counted"
    status = 409


class CountTooLow(Problem):
    """Fewer were counted than are picked or packed; put those back first, or count them too."""

    slug = "count-too-low"
    title = "More is picked than was counted"
    status = 409


class CartFull(Problem):
    """One shopper may not keep so many units at once; `limit` is the channel's, `kept` what they
    keep already. Take less, or end another cart."""

    slug = "cart-full"
    title = "One shopper may not keep so much"
    status = 409


class HoldOver(Problem):
    """The hold has ended, and its stock may be someone else's by now. Ask for a new one."""

    slug = "hold-ended"
    title = "The hold has ended"
    status = 409


class LotRequired(Problem):
    """Stock of the item is kept by lots or serial numbers: name those that are meant.

    `lots` lists what is there, those that should go first at the top.
    """

    slug = "lot-required"
    title = "Say which lots or serial numbers"
    status = 409


class LotShort(Problem):
    """The lot has fewer units there than were named. Look again which lots are there."""

    slug = "lot-short"
    title = "The lot has fewer units there"
    status = 409


class LotUnfit(Problem):
    """The lot is blocked or too old to be sold; `lots` says why. Take another one.

    What is blocked by mistake can be freed on the lot's page.
    """

    slug = "lot-unfit"
    title = "The lot may not be sold"
    status = 409


class SerialInStock(Problem):
    """A unit with this serial number is in stock already, here or at another location.

    Check the number; if it is right, the record of the other place is wrong: count there.
    """

    slug = "serial-in-stock"
    title = "This serial number is in stock already"
    status = 409


class NoBinStock(Problem):
    """The location keeps no record of what lies in which bin; switch bin stock on first."""

    slug = "no-bin-stock"
    title = "The location keeps no bin stock"
    status = 409


class NotInBin(Problem):
    """Fewer units lie in the bin by its record; `there` says how many. Take them from another
    bin, or count this one."""

    slug = "not-in-bin"
    title = "There are fewer units in the bin"
    status = 409


class BinRefused(Problem):
    """The bin is for something else; `purpose` says what for. Take another bin."""

    slug = "bin-refused"
    title = "The bin is not for this"
    status = 409
