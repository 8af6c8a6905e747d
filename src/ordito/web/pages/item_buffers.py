"""Units of single items that a channel isn't told of: all of them in one field, a line each."""

from typing import Any

from ordito.api.answers import Answer
from ordito.channels.item_buffers import BUFFERS_MAX, NamedBuffer, SetItemBuffers
from ordito.channels.types import Channel
from ordito.flows.buffer_items import set_item_buffers, tell_buffers
from ordito.kernel.text import normal_code
from ordito.listings.places import read_names
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound, Problem
from ordito.platform.validation import convert
from ordito.web.edit_forms import Field, Form, Section, pairs_of, show_form, tell_faults
from ordito.web.rendering import gettext as _
from ordito.web.rendering import ngettext
from ordito.web.routes import Route
from ordito.web.visits import Visit

_PATH = "/settings/channels/{code:str}/item-buffers"


def show_buffers(visit: Visit) -> Answer:
    visit.require("settings.write")
    with visit.reading() as tx:
        form, _shown = _form(visit, tx)
    return show_form(visit, form)


def set_buffers(visit: Visit) -> Answer:
    """Set what was typed; items that were shown and aren't there any more have the channel's."""
    visit.require("settings.write")
    with visit.reading() as tx:
        form, shown = _form(visit, tx)
    field = form.fields[0]
    field.value = visit.sent("buffers")
    typed = [{"sku": sku, "units": int(n) if n else 0} for sku, n in pairs_of(field.value)]
    named = {normal_code(line["sku"]) for line in typed if isinstance(line["sku"], str)}
    gone = [row.sku for row in shown if normal_code(row.sku) not in named]
    lines: list[dict[str, Any]] = [*typed, *({"sku": sku, "units": None} for sku in gone)]
    changed = 0
    try:
        for start in range(0, len(lines), BUFFERS_MAX):
            ask = {"code": visit.params["code"], "buffers": lines[start : start + BUFFERS_MAX]}
            changed += visit.act(set_item_buffers, convert(SetItemBuffers, ask)).changed
    except Problem as problem:
        tell_faults(form, problem)
        return show_form(visit, form)
    text = ngettext("%(num)s item was changed.", "%(num)s items were changed.", changed)
    return visit.done(text, f"/settings/channels/{visit.params['code']}", go=True)


def _find(visit: Visit, tx: Tx) -> Channel:
    for channel in read_names(tx).channels.values():
        if channel.code == visit.params["code"] and visit.actor.sees_channel(channel.id):
            return channel
    raise NotFound("There is no such channel, or you don't see it.")


def _form(visit: Visit, tx: Tx) -> tuple[Form, list[NamedBuffer]]:
    """The form, and the buffers that it shows."""
    channel = _find(visit, tx)
    rows = sorted(tell_buffers(tx, channel.id, limit=BUFFERS_MAX), key=lambda row: row.sku)
    url = f"/settings/channels/{channel.code}"
    own = ngettext(
        "Of every other item %(num)s unit is kept back.",
        "Of every other item %(num)s units are kept back.",
        channel.stock_buffer,
    )
    form = Form(
        title=_("Kept back of single items"),
        url=f"{url}/item-buffers",
        back_url=url,
        submit=_("Save changes"),
        crumbs=[(_("Settings"), "/settings"), (channel.name, url)],
        sections=[
            Section(
                _("Told to the channel as not there"),
                [
                    Field(
                        name="buffers",
                        label=_("Items and units"),
                        kind="area",
                        optional=True,
                        value="\n".join(f"{row.sku} {row.units}" for row in rows),
                        hint=_("One item per line: its SKU and how many, such as TEA-100 5."),
                    )
                ],
                hint=own,
            )
        ],
    )
    return form, rows


ROUTES = [Route("GET", _PATH, show_buffers), Route("POST", _PATH, set_buffers)]
