"""Which bins units are taken from, when nobody says so."""

from ordito.inventory.ledger import Ledger
from ordito.listings.bin_contents import read_walks
from ordito.platform.database import Tx


def lead(tx: Tx, ledger: Ledger) -> None:
    """Have the units of locked cells be taken in walking order where bin stock is kept.

    Nothing is asked of the database where none of the cells' locations keeps it.
    """
    keys = [key for key in ledger.cells if key[1] in ledger.binned]
    if keys:
        ledger.walks.update(read_walks(tx, keys))
