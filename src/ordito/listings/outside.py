"""What an installation is connected to outside of itself: the demo says so on every page."""

import msgspec

from ordito.platform.database import Tx, query


class Outside(msgspec.Struct, frozen=True):
    """Whether mails go out, and how many webhooks and shops are switched on."""

    mail: bool
    webhooks: int
    shops: int


def read_outside(tx: Tx, *, mail: bool) -> Outside:
    """What leaves for the outside now. mail: as the settings say, which are in no table."""
    return _OUTSIDE.one(tx, mail=mail)


_OUTSIDE = query(
    Outside,
    """
    SELECT %(mail)s::bool AS mail,
           (SELECT count(*) FROM webhooks.endpoint WHERE active) AS webhooks,
           (SELECT count(*) FROM channels.connection WHERE active) AS shops
    """,
)
