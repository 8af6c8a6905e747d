"""The checks that the other tests lean on: each of them fires on seeded corruption."""

import pytest

from ordito.platform.database import Database
from tests import make
from tests.flows import acts
from tests.flows.invariants import assert_sound


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE inventory.stock SET available = available - 1, safety = safety + 1",
        "UPDATE inventory.stock SET seq = seq + 1",
        "UPDATE inventory.reservation SET qty = qty + 1",
        "UPDATE fulfillment.line SET picked = 0",
        "UPDATE fulfillment.fulfillment_order SET state = 'picked'",
        "UPDATE orders.line SET released = released - 1, reserved = reserved + 1",
        "UPDATE orders.sales_order SET version = version + 1",
        "UPDATE orders.sales_order SET fulfilment = 'unfulfilled'",
        "UPDATE payments.expectation SET amount_minor = amount_minor - 1",
    ],
)
def test_a_figure_that_is_off_is_found(db: Database, corruption: str) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    order_id = make.place(shop, {"tea": 3}, payment={"method": "card"}).id
    acts.release(shop, order_id)
    acts.pick(shop, order_id, {1: 1})
    with db.connection() as conn:
        conn.execute(corruption)

    with pytest.raises(AssertionError):
        assert_sound(db)
