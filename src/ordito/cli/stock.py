"""`ordito stock`: stock of an item now, at a past moment, and what changed between two."""

from datetime import UTC, datetime

import rich_click as click

from ordito.cli.opening import installation
from ordito.cli.output import print_json, print_table
from ordito.listings.item_stock import find_item
from ordito.listings.stock_past import (
    COUNTERS,
    moment_of,
    read_item_changes,
    read_item_past,
    span_of,
)
from ordito.platform.access import SYSTEM


def _instant(_ctx: click.Context, _param: click.Parameter, text: str | None) -> datetime | None:
    """An ISO 8601 moment; without a zone it is UTC."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("Write a moment as 2026-03-01T14:30 or 2026-03-01.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_KNOWN = click.option(
    "--known-at",
    callback=_instant,
    help="With what was booked late until this moment, too.",
)
_LOCATION = click.option("--location", help="Only at this location, by its code.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def stock() -> None:
    """Stock of the past: as it was at a moment, and what changed between two."""


@stock.command()
@click.argument("sku")
@click.argument("moment", callback=_instant)
@_KNOWN
@_LOCATION
@_JSON
def at(
    sku: str, moment: datetime, known_at: datetime | None, location: str | None, as_json: bool
) -> None:
    """The stock of SKU by location as the books showed it at MOMENT (UTC unless it says else)."""
    with installation() as db, db.reading(SYSTEM) as tx:
        meant = moment_of(moment, known_at, tx.now)
        found = read_item_past(tx, sku, meant, location=location)
    if as_json:
        cells = {cell.location.code: cell.then for cell in found.cells}
        print_json({"sku": found.item.sku, "totals": found.totals, "locations": cells})
        return
    rows = [(cell.location.code, cell.then) for cell in found.cells] + [("", found.totals)]
    print_table(
        f"{found.item.sku} at {moment.isoformat()}",
        ["location", *COUNTERS],
        [[code, *(getattr(then, name) for name in COUNTERS)] for code, then in rows],
    )


@stock.command()
@click.argument("sku")
@click.argument("since", callback=_instant)
@click.argument("until", callback=_instant, required=False)
@_KNOWN
@_LOCATION
@_JSON
def changes(
    sku: str,
    since: datetime,
    until: datetime | None,
    known_at: datetime | None,
    location: str | None,
    as_json: bool,
) -> None:
    """What changed of SKU from SINCE to UNTIL (now when left out), and why."""
    with installation() as db, db.reading(SYSTEM) as tx:
        item = find_item(tx, sku)
        span = span_of(tx, item.id, since, until or tx.now, known_at=known_at, location=location)
        found = read_item_changes(tx, span)
    if as_json:
        told = {name: getattr(found, name) for name in ("before", "after", "difference", "causes")}
        print_json({"sku": item.sku} | told)
        return
    print_table(
        item.sku,
        ["", *COUNTERS],
        [
            [name, *(getattr(getattr(found, name), counter) for counter in COUNTERS)]
            for name in ("before", "after", "difference")
        ],
    )
    print_table(
        "Why",
        ["reason", "from", "to", "pieces", "postings"],
        [[c.reason, c.from_bucket, c.to_bucket, c.qty, c.postings] for c in found.causes],
    )
