"""`ordito shops`: connections of channels to shops."""

import rich_click as click

from ordito.cli.output import print_json, print_table


@click.group()
def shops() -> None:
    """Shops that channels are connected to: connect, status, test, sweep."""


@shops.command()
@click.argument("channel")
@click.argument("domain")
@click.option("--stock-location", default="", help="The shop's number of the place of our stock.")
@click.option("--test-orders", is_flag=True, help="Place the shop's test orders too.")
@click.option(
    "--token",
    envvar="ORDITO_SHOP_TOKEN",
    prompt="Access token (empty keeps the one that is set)",
    default="",
    hide_input=True,
    show_default=False,
    help="Asked for, or taken from ORDITO_SHOP_TOKEN.",
)
@click.option(
    "--secret",
    envvar="ORDITO_SHOP_SECRET",
    prompt="Secret that signs webhooks (empty keeps the one that is set)",
    default="",
    hide_input=True,
    show_default=False,
    help="Asked for, or taken from ORDITO_SHOP_SECRET.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def connect(
    channel: str,
    domain: str,
    stock_location: str,
    test_orders: bool,
    token: str,
    secret: str,
    as_json: bool,
) -> None:
    """Connect a channel to a Shopify shop, or change how."""
    from ordito.adapters.shops import SHOPS
    from ordito.channels.connections import ConnectShop
    from ordito.cli.opening import installation
    from ordito.flows.connect_shop import connect_shop
    from ordito.platform.access import SYSTEM
    from ordito.platform.validation import convert

    asked = {
        "channel": channel,
        "domain": domain,
        "token": token or None,
        "webhook_secrets": (secret,) if secret else None,
        "stock_location": stock_location,
        "test_orders": test_orders,
    }
    with installation() as db:
        found = connect_shop(SHOPS, db, SYSTEM, convert(ConnectShop, asked))
    if as_json:
        print_json(found)
    else:
        click.echo(f"{channel} is connected to {found.domain}")


@shops.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """How every connection goes."""
    from ordito.channels.connections import read_connections
    from ordito.cli.opening import installation
    from ordito.flows.connect_shop import read_health
    from ordito.flows.reference import reference
    from ordito.platform.access import SYSTEM

    with installation() as db, db.reading(SYSTEM) as tx:
        codes = {id_: one.code for id_, one in reference(tx).channels_by_id.items()}
        found = [read_health(tx, codes[one.channel_id]) for one in read_connections(tx)]
    if as_json:
        print_json(found)
        return
    rows = [
        [
            health.channel,
            health.connection.domain,
            health.connection.heard_at.isoformat() if health.connection.heard_at else "never",
            str(health.received),
            str(health.parked),
            str(health.waiting),
            str(health.failed),
            health.connection.sweep_error or health.connection.stock_error,
        ]
        for health in found
    ]
    columns = ["channel", "shop", "last webhook", "in", "parked", "out", "failed", "error"]
    print_table("Shops", columns, rows)


@shops.command()
@click.argument("channel")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def test(channel: str, as_json: bool) -> None:
    """Ask the shop who it is."""
    from ordito.adapters.shops import SHOPS
    from ordito.cli.opening import installation
    from ordito.flows.connect_shop import test_connection
    from ordito.platform.access import SYSTEM

    with installation() as db:
        facts = test_connection(SHOPS, db, SYSTEM, channel)
    if as_json:
        print_json(facts)
    else:
        click.echo(f"{facts.name} ({facts.domain}), {facts.currency}")


@shops.command()
@click.argument("channel")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sweep(channel: str, as_json: bool) -> None:
    """Look now for orders that no webhook told of."""
    from ordito.adapters.shops import SHOPS
    from ordito.cli.opening import installation
    from ordito.flows.connect_shop import find_connection
    from ordito.flows.sweep_shops import sweep as sweep_one
    from ordito.platform.access import SYSTEM

    with installation() as db:
        with db.reading(SYSTEM) as tx:
            connection = find_connection(tx, channel)
        found = sweep_one(SHOPS[connection.kind], db, connection)
    if as_json:
        print_json({"found": found})
    else:
        click.echo(f"{found} order(s) were found")
