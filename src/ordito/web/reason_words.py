"""Reasons of stock in words: those that the shop gave them, else those that came with Ordito."""

from collections.abc import Mapping

from ordito.inventory.reasons import Reason, read_reasons
from ordito.platform.database import Tx
from ordito.web.rendering import gettext as _
from ordito.web.view_context import Choice
from ordito.web.words import LEDGER_REASONS, STOCK_REASONS, word


def own_words(tx: Tx) -> dict[str, str]:
    """The words that the shop gave reasons, by code."""
    return {code: reason.words for code, reason in read_reasons(tx).items() if reason.words}


def reason_words(code: str, own: Mapping[str, str]) -> str:
    """A reason that somebody gave, or that the program noted."""
    if code in own:
        return own[code]
    return word(STOCK_REASONS if code in STOCK_REASONS else LEDGER_REASONS, code)


def call(reason: Reason) -> str:
    """What a reason is called."""
    return reason.words or word(STOCK_REASONS, reason.code)


def difference_choices(tx: Tx) -> list[Choice]:
    """Reasons that can be given for more or fewer, but for opening stock."""
    return [
        Choice(reason.code, _way(reason))
        for reason in read_reasons(tx).values()
        if reason.active and reason.code != "opening" and (reason.more_from or reason.fewer_to)
    ]


def _way(reason: Reason) -> str:
    """Its words, with the direction where it goes only one way."""
    if reason.more_from is None:
        return _("%(reason)s (fewer)", reason=call(reason))
    if reason.fewer_to is None:
        return _("%(reason)s (more)", reason=call(reason))
    return call(reason)


def move_choices(tx: Tx) -> list[Choice]:
    """Reasons for which units can be set aside or released; the general one first."""
    found = [reason for reason in read_reasons(tx).values() if reason.active and reason.moves]
    found.sort(key=lambda reason: reason.code != "move")
    return [Choice(reason.code, call(reason)) for reason in found]
