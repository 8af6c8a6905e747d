"""`ordito audit`: who did what when to what."""

from datetime import UTC, datetime
from uuid import UUID

import rich_click as click

from ordito.cli.opening import reading
from ordito.cli.output import json_option, print_json, print_table
from ordito.kernel.addresses import normal_email
from ordito.listings.audit import AuditFilter, find_order_id, search_audit
from ordito.platform.accounts import find_user
from ordito.platform.database import Tx
from ordito.platform.problems import NotFound


@click.command()
@click.option("--person", help="Only what this user did, by e-mail address.")
@click.option("--order", "number", type=int, help="Only what happened to this order.")
@click.option("--kind", "kinds", multiple=True, help="As order.placed, or order; several.")
@click.option("--since", type=click.DateTime(), help="From this day or instant on, in UTC.")
@click.option("--until", type=click.DateTime(), help="Before this day or instant, in UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
def audit(
    person: str | None,
    number: int | None,
    kinds: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Search the audit log, the newest first.

    Without an order: what people did, and all about users, roles and keys.
    """
    with reading() as tx:
        wanted = AuditFilter(
            person=_person(tx, person),
            kinds=kinds,
            stream_id=_order(tx, number),
            since=since.replace(tzinfo=UTC) if since else None,
            until=until.replace(tzinfo=UTC) if until else None,
        )
        found = search_audit(tx, wanted, limit=limit).items
    if as_json:
        print_json(found)
        return
    rows = [[f"{row.at:%Y-%m-%d %H:%M:%S}", row.actor, row.kind, row.thing] for row in found]
    print_table("Audit log", ["at (UTC)", "who", "what", "to what"], rows)


def _person(tx: Tx, email: str | None) -> UUID | None:
    if email is None:
        return None
    user = find_user(tx, normal_email(email))
    if user is None:
        raise NotFound(f"There is no user {email}; `ordito users list` shows all.")
    return user.id


def _order(tx: Tx, number: int | None) -> UUID | None:
    if number is None:
        return None
    order_id = find_order_id(tx, number)
    if order_id is None:
        raise NotFound(f"There is no order {number}.")
    return order_id
