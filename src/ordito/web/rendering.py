"""Pages: Jinja templates with the reader's language, zone and permissions at hand.

`render()` keeps the reader in a context variable, because macros of imported templates and filters
see no template context. A template that is rendered needs nothing but `view` and its own data.
"""

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from gettext import NullTranslations
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ordito import __version__
from ordito.kernel.addresses import Address, address_lines
from ordito.kernel.ids import new_token
from ordito.platform.problem_words import say_problem
from ordito.platform.translations import translations
from ordito.web import formats, navigation, quantity_bar
from ordito.web.static_files import StaticFiles
from ordito.web.statuses import status
from ordito.web.translations import plural_samples
from ordito.web.view_context import NOBODY, ViewContext

TEMPLATES = Path(__file__).parent / "templates"

_view: ContextVar[ViewContext] = ContextVar("view", default=NOBODY)


def render(template: str, view: ViewContext, **context: Any) -> str:
    """The page or fragment as HTML. An undefined name raises: a template never shows a gap."""
    token = _view.set(view)
    try:
        return environment().get_template(template).render(view=view, **context)
    finally:
        _view.reset(token)


@cache
def static_files() -> StaticFiles:
    """The files that pages load; read once per process."""
    return StaticFiles()


@cache
def environment() -> Environment:
    """The one environment. Templates are compiled once and shared between threads."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    # newstyle: `_("Ship by %(day)s", day=...)` escapes what is put in; translators see one text.
    made.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals["ngettext"] = _counted
    made.filters |= _filters()
    made.globals |= _globals()
    return made


def read_as(view: ViewContext) -> None:
    """From here on, in this context, words are those of this reader's language."""
    _view.set(view)


def reader_words() -> NullTranslations:
    """The catalogue of the reader's language, for sentences that slices put together."""
    view = _view.get()
    return translations(view.locale, view.pseudo)


def gettext(text: str, **named: Any) -> str:
    """A text in the reader's language, for words that are put together in Python."""
    translated = _gettext(text)
    return translated % named if named else translated


def ngettext(one: str, many: str, count: int, **named: Any) -> str:
    """A counted text in the reader's language; `num` is the count, with separators."""
    return _ngettext(one, many, count) % ({"num": number(count)} | named)


def problem_text(text: str) -> str:
    """Words of a problem in the reader's language; words of pages pass unchanged."""
    view = _view.get()
    return text if view.pseudo else say_problem(text, view.locale)


def _gettext(text: str) -> str:
    return reader_words().gettext(text)


def _ngettext(one: str, many: str, count: int) -> str:
    return reader_words().ngettext(one, many, count)


def _counted(one: str, many: str, count: int, **named: Any) -> Markup:
    """A counted text in a template: `num` with separators, what is put in escaped."""
    return Markup(_ngettext(one, many, count)) % ({"num": number(count)} | named)  # noqa: S704


def _filters() -> dict[str, Any]:
    return {
        "money": money,
        "price": price,
        "number": number,
        "percent": percent,
        "file_size": file_size,
        "weight": weight,
        "when": when,
        "day": day,
        "calendar_day": calendar_day,
        "clock": clock,
        "clock_time": clock_time,
        "by_day": by_day,
        "initials": initials,
        "age": age,
        "span": span,
    }


def _globals() -> dict[str, Any]:
    return {
        "static_url": lambda path: static_files().url(path),
        "vendor_url": lambda name: static_files().vendor_url(name),
        "reader": _view.get,
        "status": status,
        "line_segments": quantity_bar.line_segments,
        "stock_segments": quantity_bar.stock_segments,
        "rail": lambda: navigation.entries(_view.get()),
        "bottom_bar": lambda: navigation.floor_first(navigation.entries(_view.get())),
        "bottom_max": navigation.BAR_MAX,
        "new_key": new_token,
        "outside_words": _outside_words,
        "plural_forms": plural_forms,
        "product_version": __version__,
    }


def money(minor: int, currency: str) -> str:
    """An amount in minor units, with its currency sign."""
    return formats.money(minor, currency, _view.get().locale)


def price(value: Decimal, currency: str) -> str:
    """A unit price, with all the digits it has."""
    return formats.price(value, currency, _view.get().locale)


def number(value: int | Decimal) -> str:
    """A number with separators."""
    return formats.number(value, _view.get().locale)


def percent(share: float | Decimal) -> str:
    """A share of one, in percent."""
    return formats.percent(share, _view.get().locale)


def weight(grams: int) -> str:
    """A weight in g or kg."""
    return formats.weight(grams, _view.get().locale)


def file_size(size_bytes: int) -> str:
    """The size of a file in B, kB or MB."""
    return formats.file_size(size_bytes, _view.get().locale)


def clock(at: datetime) -> str:
    """The time of the day in the reader's zone."""
    view = _view.get()
    return formats.clock(at, view.zone, view.locale)


def clock_time(at: datetime) -> Markup:
    """`<time>`: only the time of the day; in full on hover."""
    return _time(at, clock(at))


def when(at: datetime, inside: bool = False) -> Markup:
    """`<time>`: "Today 14:20", "Yesterday 09:05", "17 Nov 14:20"; in full on hover.

    inside: within a sentence, where it is "today 14:20".
    """
    return _time(at, when_name(at, inside))


def when_name(at: datetime, inside: bool = True) -> str:
    """The same as text, for sentences that are put together in Python."""
    view = _view.get()
    time = formats.clock(at, view.zone, view.locale)
    day = _named_day(at, view, inside)
    return str(gettext("%(day)s %(time)s") % {"day": day, "time": time})


def day(at: date, inside: bool = False) -> Markup:
    """`<time>` without the time of the day: of an instant in the reader's zone, or of a bare date.

    A bare date is the same day for everyone; only how it is called depends on the reader.
    """
    view = _view.get()
    if isinstance(at, datetime):
        return _time(at, _named_day(at, view, inside))
    return _date(at, _named_day(at, view, inside))


def calendar_day(on: date) -> Markup:
    """`<time>`: the date even when it is today, for what begins with a day, such as a week."""
    return _date(on, date_name(on))


def date_name(on: date) -> str:
    """The same as text, for the middle of a sentence."""
    view = _view.get()
    today = view.now.astimezone(view.zone).date()
    return formats.short_date(on, today, view.locale)


def day_name(at: date, inside: bool = True) -> str:
    """The same as text, for sentences that are put together in Python."""
    return _named_day(at, _view.get(), inside)


def age(at: datetime) -> Markup:
    """`<time>`: how long ago or how soon, in one unit."""
    view = _view.get()
    return _time(at, formats.age(at, view.now, view.locale))


def span(length: timedelta) -> str:
    """A length of time in one unit."""
    return formats.span(length, _view.get().locale)


def by_day(entries: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    """Entries with an `at`, in their order, in runs of one day of the reader's zone, each named."""
    view = _view.get()
    return [
        (day, list(run)) for day, run in groupby(entries, lambda entry: _named_day(entry.at, view))
    ]


def postal_lines(address: Address) -> list[str]:
    """An address without its empty lines, its country named in the reader's language."""
    *lines, country = address_lines(address)
    return [*lines, formats.country_name(country, _view.get().locale)]


def initials(name: str) -> str:
    """Up to two letters for a person: the first of the first and of the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper()


def _time(at: datetime, text: str) -> Markup:
    view = _view.get()
    title = formats.full_time(at, view.zone, view.locale)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        formats.machine_time(at), title, text
    )


def _date(on: date, text: str) -> Markup:
    title = formats.full_date(on, _view.get().locale)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(on.isoformat(), title, text)


def _named_day(at: date, view: ViewContext, inside: bool = False) -> str:
    """Today, Yesterday, Tomorrow, else the date; in the reader's zone."""
    on = at.astimezone(view.zone).date() if isinstance(at, datetime) else at
    today = view.now.astimezone(view.zone).date()
    named: Mapping[int, tuple[str, str]] = {
        0: (gettext("Today"), gettext("today")),
        -1: (gettext("Yesterday"), gettext("yesterday")),
        1: (gettext("Tomorrow"), gettext("tomorrow")),
    }
    distance = (on - today).days
    if distance in named:
        return named[distance][inside]
    return formats.short_date(on, today, view.locale)


def _outside_words() -> str:
    """What the demo is connected to, as a list."""
    found = _view.get().outside
    assert found is not None, "the template looks first"
    told = (
        (gettext("mail server"), found.mail),
        (ngettext("%(num)s webhook", "%(num)s webhooks", found.webhooks), found.webhooks),
        (ngettext("%(num)s shop", "%(num)s shops", found.shops), found.shops),
    )
    return ", ".join(words for words, on in told if on)


def plural_forms(one: str, many: str) -> dict[str, str]:
    """A counted text in all plural forms of the reader's language, with "%(num)s" left in.

    The keys are CLDR's ("one", "few", …), as Intl.PluralRules names them in the browser.
    """
    return {
        form: _ngettext(one, many, count)
        for form, count in plural_samples(_view.get().locale).items()
    }
