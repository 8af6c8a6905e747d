"""What an order's lines say of time: days of arrival, releases, what is expected."""

from datetime import date

from ordito.listings.order_types import LineView, OrderPage
from ordito.web.pages.order_rows import midday
from ordito.web.rendering import day_name, ngettext
from ordito.web.rendering import gettext as _


def say_day(day: date) -> str:
    """A day as people read it, without markup."""
    return day_name(midday(day))


def date_terms(line: LineView) -> list[str]:
    """What was settled about the time of a line."""
    terms = []
    if line.released_on is not None:
        terms.append(_("Pre-order: sold from %(day)s", day=say_day(line.released_on)))
    if line.not_before is not None:
        terms.append(_("To arrive not before %(day)s", day=say_day(line.not_before)))
    if line.requested_on is not None:
        terms.append(_("Wanted on %(day)s", day=say_day(line.requested_on)))
    if line.latest_on is not None:
        terms.append(_("To arrive by %(day)s at the latest", day=say_day(line.latest_on)))
    if line.unkept:
        terms.append(_("This can’t be kept"))
    return terms


def expected_terms(line: LineView) -> list[str]:
    """When the waiting units of a line come."""
    terms = []
    for one in line.expected:
        units = ngettext("%(num)s unit", "%(num)s units", one.units)
        if one.reference:
            terms.append(
                _("%(units)s expected on %(day)s from %(reference)s",
                  units=units, day=say_day(one.expected_on), reference=one.reference)
            )  # fmt: skip
        else:
            terms.append(_("%(units)s expected on %(day)s", units=units,
                           day=say_day(one.expected_on)))  # fmt: skip
    dated = sum(one.units for one in line.expected)
    if dated and dated < line.backordered:
        count = line.backordered - dated
        terms.append(
            ngettext("%(num)s unit without a day yet", "%(num)s units without a day yet", count)
        )
    return terms


def expected_words(page: OrderPage) -> str:
    """By when all that waits is expected, in a sentence."""
    waiting = [line for line in page.lines if line.backordered]
    dated = all(sum(one.units for one in line.expected) == line.backordered for line in waiting)
    days = [one.expected_on for line in waiting for one in line.expected]
    if not days:
        return _("It is sent when stock comes in.")
    if dated:
        return _("All of it is expected by %(day)s.", day=say_day(max(days)))
    return _("Some of it is expected by %(day)s.", day=say_day(max(days)))
