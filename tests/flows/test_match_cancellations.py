"""Cancelling invoices find the customer's latest earlier lines, across files, or are parked."""

from ordito.platform.database import Database
from tests.flows.invariants import assert_sound
from tests.flows.order_files import body, counts, rows, take

FIRST = ("500001", "TEA", 3, "2010-12-01", "2.00", "1.0")
SECOND = ("500002", "TEA", 2, "2010-12-03", "2.00", "1.0")


def returned(db: Database) -> dict[str, int]:
    return dict(
        rows(
            db,
            "SELECT o.external_id, l.returned FROM orders.line AS l"
            " JOIN orders.sales_order AS o ON o.id = l.order_id",
        )
    )


def test_the_latest_earlier_line_is_taken_and_more_spreads_over_earlier_ones(db: Database) -> None:
    report = take(db, body(FIRST, SECOND, ("C9", "TEA", -4, "2010-12-05", "2.00", "1.0")))
    assert counts(report) == {"order": 2, "line": 2, "return": 1}
    assert returned(db) == {"500002": 2, "500001": 2}
    assert rows(db, "SELECT return_state FROM orders.sales_order ORDER BY number") == [
        ("in_progress",),
        ("returned",),
    ]
    assert rows(
        db,
        "SELECT qty, occurred_at::date::text FROM inventory.posting WHERE from_bucket = 'customer'"
        " ORDER BY seq",
    ) == [(2, "2010-12-05"), (2, "2010-12-05")]
    assert_sound(db)


def test_a_row_that_can_not_be_matched_in_full_is_parked_whole(db: Database) -> None:
    back = [
        ("C9", "TEA", -4, "2010-12-05", "2.00", "1.0"),
        ("C9", "CUP", -1, "2010-12-05", "5.00", "1.0"),
    ]
    report = take(db, body(FIRST, *back))
    assert counts(report) == {"order": 1, "line": 1, "parked": 2}
    assert report.tallies["parked"].months == {"2010-12": "-13.00"}
    assert returned(db) == {"500001": 0}
    assert report.first_parked[0].reason == "no-earlier-order"
    assert "3 are left" in report.first_parked[0].words


def test_rows_of_an_invoice_are_matched_one_by_one(db: Database) -> None:
    back = [
        ("C9", "CUP", -1, "2010-12-05", "5.00", "1.0"),
        ("C9", "TEA", -1, "2010-12-05", "2.00", "1.0"),
    ]
    report = take(db, body(FIRST, *back))
    assert counts(report) == {"order": 1, "line": 1, "return": 1, "parked": 1}


def test_later_orders_and_those_of_others_are_not_meant(db: Database) -> None:
    other = ("500003", "TEA", 9, "2010-12-01", "2.00", "2.0")
    back = ("C9", "TEA", -1, "2010-12-02", "2.00", "1.0")
    report = take(db, body(other, back, SECOND))
    assert counts(report) == {"order": 2, "line": 2, "parked": 1}


def test_a_cancellation_without_a_customer_is_parked(db: Database) -> None:
    report = take(db, body(FIRST, ("C9", "TEA", -1, "2010-12-05", "2.00", "")))
    assert counts(report) == {"order": 1, "line": 1, "parked": 1}
    assert report.first_parked[0].reason == "no-customer"


def test_it_may_stand_above_its_order_and_in_another_file(db: Database) -> None:
    back = ("C9", "TEA", -1, "2010-12-05", "2.00", "1.0")
    assert counts(take(db, body(back, FIRST))) == {"order": 1, "line": 1, "return": 1}
    more = ("C10", "TEA", -2, "2010-12-06", "2.00", "1.0")
    assert counts(take(db, body(more))) == {"return": 1}
    assert returned(db) == {"500001": 3}
    none_left = ("C11", "TEA", -1, "2010-12-07", "2.00", "1.0")
    assert counts(take(db, body(none_left))) == {"parked": 1}
    assert_sound(db)
