"""`ordito mails`: what customers are told, and what could not be sent."""

import sys
from typing import Any
from uuid import UUID

import rich_click as click

from ordito.cli.opening import carry_out, own_settings, reading
from ordito.cli.output import json_option, print_json, print_table, tell
from ordito.flows.manage_mails import list_templates
from ordito.flows.send_mails import send_mail_again
from ordito.flows.write_to_customer import send_test
from ordito.notifications.mails import count_waiting, list_failed
from ordito.notifications.texts import check_text
from ordito.notifications.types import LOCALES, MAIL_KINDS, SendAgain, SendTest
from ordito.platform.problems import ActionNotAllowed
from ordito.platform.validation import convert


@click.group()
def mails() -> None:
    """Mails to customers: their texts, tests, and what failed."""


@mails.command()
@click.argument("email")
@click.option("--kind", type=click.Choice(MAIL_KINDS), default="confirmed", show_default=True)
@click.option("--locale", type=click.Choice(LOCALES), default="en", show_default=True)
@click.option("--order", "number", type=int, default=0, help="Fill it in with this order.")
@json_option
def test(email: str, as_json: bool, **options: Any) -> None:
    """Send a mail, as it is in force, to the user with this address: does mail go out at all?"""
    if not own_settings().smtp_url:
        raise ActionNotAllowed("No mail server is set up: set ORDITO_SMTP_URL.")
    queued = carry_out(send_test, convert(SendTest, {"to": email} | options))
    tell(queued, as_json, f"A test for {email} waits; the worker sends it within seconds")


@mails.command()
@json_option
def templates(as_json: bool) -> None:
    """The texts in force, each checked; ends with 1 when one has a fault."""
    with reading() as tx:
        found = list_templates(tx)
    told = [(one, check_text(one.kind, one.subject, one.body)) for one in found]
    if as_json:
        print_json([{"template": one, "faults": faults} for one, faults in told])
    else:
        rows = [
            [one.kind, one.locale, one.version, one.subject, "; ".join(f.detail for f in faults)]
            for one, faults in told
        ]
        print_table("Texts", ["kind", "locale", "version", "subject", "faults"], rows)
    sys.exit(1 if any(faults for _, faults in told) else 0)


@mails.command()
@click.option("--limit", type=click.IntRange(1, 200), default=50, show_default=True)
@json_option
def failed(limit: int, as_json: bool) -> None:
    """Mails that failed for good, newest first, and how many wait."""
    with reading() as tx:
        found, waiting = list_failed(tx, before=None, limit=limit), count_waiting(tx)
    if as_json:
        print_json({"items": found, "waiting": waiting})
        return
    rows = [[str(one.id), one.kind, one.recipient, one.error] for one in found]
    print_table(f"Failed mails ({waiting} wait)", ["id", "kind", "to", "error"], rows)


@mails.command("send-again")
@click.argument("mail_id", type=click.UUID)
@json_option
def send_again(mail_id: UUID, as_json: bool) -> None:
    """Give a failed mail all its tries once more."""
    queued = carry_out(send_mail_again, SendAgain(mail_id=mail_id))
    tell(queued, as_json, "It is sent again")
