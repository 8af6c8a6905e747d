"""`ordito keys`: API keys."""

from uuid import UUID

import rich_click as click

from ordito.cli.output import print_json, print_table


@click.group()
def keys() -> None:
    """API keys: list, create, revoke."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """All keys, with what they may do; never the keys themselves."""
    from ordito.cli.opening import installation
    from ordito.platform.access import EVERYTHING, SYSTEM
    from ordito.platform.keys import list_keys

    with installation() as db, db.reading(SYSTEM) as tx:
        found = list_keys(tx, limit=10_000)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            str(key.id),
            key.name,
            "everything" if set(key.permissions) >= EVERYTHING else ", ".join(key.permissions),
            "active" if key.active else "revoked",
            key.expires_at.isoformat() if key.expires_at else "never",
        ]
        for key in found
    ]
    print_table("API keys", ["id", "name", "may", "state", "expires"], rows)


@keys.command()
@click.argument("name")
@click.option("--permission", "-p", "permissions", multiple=True, help="Several; all without it.")
@click.option("--channel", "channels", multiple=True, help="Only these channels, by code.")
@click.option("--location", "locations", multiple=True, help="Only these locations, by code.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def create(
    name: str,
    permissions: tuple[str, ...],
    channels: tuple[str, ...],
    locations: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make a key and print it, this once."""
    from ordito.cli.opening import installation
    from ordito.flows.manage_keys import CreateKey, issue_key
    from ordito.platform.access import PERMISSIONS, SYSTEM
    from ordito.platform.validation import convert

    asked = {
        "name": name,
        "permissions": permissions or tuple(PERMISSIONS),
        "channels": channels or None,
        "locations": locations or None,
    }
    with installation() as db:
        issued = issue_key(db, SYSTEM, convert(CreateKey, asked))
    if as_json:
        print_json({"id": issued.id, "name": issued.key.name, "token": issued.token})
    else:
        click.echo(f"{issued.key.name} ({issued.id})\nkey (shown once): {issued.token}")


@keys.command()
@click.argument("key_id", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def revoke(key_id: UUID, as_json: bool) -> None:
    """Make a key worthless."""
    from ordito.cli.opening import installation
    from ordito.flows.manage_keys import RevokeKey, revoke_key
    from ordito.platform.access import SYSTEM
    from ordito.platform.door import run

    with installation() as db:
        key = run(db, SYSTEM, revoke_key, RevokeKey(key_id=key_id))
    if as_json:
        print_json(key)
    else:
        click.echo(f"{key.name} is revoked")
