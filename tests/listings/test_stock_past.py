"""Stock at past moments, compared with adding up every posting by hand."""

import itertools
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from ordito.inventory.changes import Opened, list_changes
from ordito.inventory.history import Moment, list_postings
from ordito.inventory.types import COUNTED, ON_HAND, Posting
from ordito.listings.stock_ledger import list_ledger_between
from ordito.listings.stock_past import (
    Counters,
    read_item_changes,
    read_item_past,
    read_totals_at,
    span_of,
)
from ordito.platform.access import Actor
from ordito.platform.database import Database
from ordito.platform.problems import InvalidInput, NotFound
from tests import make
from tests.flows import stock_acts as acts

LATE = timedelta(minutes=1)


def busy(db: Database) -> tuple[make.Shop, list[datetime]]:
    """A shop in which things were booked in time and late, and moments between them."""
    shop = make.shop(db, stock={"A": {"tea": 20}, "B": {"tea": 5, "cup": 3}})
    start = acts.clock(db)
    moments = [start - timedelta(days=9), start]
    acts.move(shop, "A", "tea", 4, "available", "damaged")
    moments.append(acts.clock(db))
    acts.adjust(shop, "A", {"tea": -2}, "lost", occurred_at=(start - timedelta(days=2)).isoformat())
    moments.append(acts.clock(db))
    make.place(shop, {"tea": 3})
    acts.move(shop, "A", "tea", 1, "damaged", "quality_control")
    moments.append(acts.clock(db))
    received_at = (start - timedelta(hours=5)).isoformat()
    acts.receive(shop, "B", {"tea": 7}, received_at=received_at)
    acts.hold(shop, {"tea": 2})
    moments.append(acts.clock(db))
    return shop, [start - timedelta(days=1), start - timedelta(hours=1), *moments]


def added_up(postings: list[Posting], moment: Moment) -> Counters:
    sums = dict.fromkeys(COUNTED, 0)
    for posting in postings:
        late = posting.at - posting.occurred_at > LATE
        happened = posting.occurred_at if late else posting.at
        if posting.at <= moment.known_at and happened <= moment.at:
            for bucket, sign in ((posting.to_bucket, 1), (posting.from_bucket, -1)):
                if bucket in sums:
                    sums[bucket] += sign * posting.qty
    return Counters(on_hand=sum(sums[bucket] for bucket in ON_HAND), **sums)


def test_complaint_41_the_past_is_what_its_postings_add_up_to(db: Database) -> None:
    shop, moments = busy(db)
    tea = shop.items["tea"]
    with db.reading(make.BOSS) as tx:
        everything = list_postings(tx, tea, limit=100)
        assert sum(p.at - p.occurred_at > LATE for p in everything) == 2
        for at, known_at in itertools.product(moments, moments):
            if known_at >= at:
                moment = Moment(at, known_at)
                past = read_item_past(tx, "tea", moment)
                assert past.totals == added_up(everything, moment)
                assert read_totals_at(tx, [tea], moment).get(tea, Counters()) == past.totals
                for cell in past.cells:
                    of_cell = [p for p in everything if p.location_id == cell.location.id]
                    assert cell.then == added_up(of_cell, moment)
        # As the books showed it, and with the loss that was only booked later.
        start = moments[3]
        assert read_item_past(tx, tea, Moment(start, start)).totals.on_hand == 25
        assert read_item_past(tx, tea, Moment(start, tx.now)).totals.on_hand == 30


def test_two_moments_differ_by_exactly_the_postings_between_them(db: Database) -> None:
    shop, moments = busy(db)
    tea = shop.items["tea"]
    with db.reading(make.BOSS) as tx:
        pairs = [(a, b) for a, b in itertools.product(moments, moments) if a <= b]
        for (since, until), known in itertools.product(pairs, (False, True)):
            span = span_of(tx, tea, since, until, known_at=tx.now if known else None)
            changes = read_item_changes(tx, span)
            postings = list_changes(tx, span, Opened(), limit=100)
            forever = Moment(tx.now, tx.now)
            assert changes.difference == added_up(postings, forever)
            assert sum(c.postings for c in changes.causes) == len(postings)
            assert sum(c.qty for c in changes.causes) == sum(p.qty for p in postings)
            for bucket in ("damaged", "reserved"):
                opened = list_changes(tx, span, Opened(bucket=bucket), limit=100)
                assert opened == [p for p in postings if bucket in (p.from_bucket, p.to_bucket)]
        whole = span_of(tx, tea, moments[2], tx.now)
        first = list_ledger_between(tx, whole, Opened(), limit=3)
        second = list_ledger_between(tx, whole, Opened(), cursor=first.next, limit=50)
        assert len(first.items) == 3
        assert len(first.items) + len(second.items) == len(list_postings(tx, tea, limit=100))
        lost = list_ledger_between(tx, whole, Opened(reason="lost"))
        assert [(row.qty, row.location) for row in lost.items] == [(2, "A")]


def test_the_past_of_places_out_of_scope_is_not_told(db: Database) -> None:
    shop, moments = busy(db)
    narrow = Actor(
        "user",
        UUID(int=8),
        "Only B",
        make.BOSS.permissions,
        location_ids=frozenset([shop.locations["B"]]),
    )
    with db.reading(narrow) as tx:
        now = Moment(moments[-1], moments[-1])
        past = read_item_past(tx, "tea", now)
        assert [cell.location.code for cell in past.cells] == ["B"]
        with pytest.raises(NotFound):
            read_item_past(tx, "tea", now, location="A")
        span = span_of(tx, shop.items["tea"], moments[0], moments[-1])
        assert {p.location_id for p in list_changes(tx, span, Opened())} == {shop.locations["B"]}


def test_moments_to_come_and_known_too_early_are_refused(db: Database) -> None:
    shop, moments = busy(db)
    tea = shop.items["tea"]
    with db.reading(make.BOSS) as tx:
        for since, until, known_at, code in (
            (moments[3], tx.now + LATE, None, "in-future"),
            (moments[4], moments[3], None, "after-end"),
            (moments[3], moments[5], moments[4], "before-moment"),
        ):
            with pytest.raises(InvalidInput) as refused:
                span_of(tx, tea, since, until, known_at=known_at)
            assert [fault.code for fault in refused.value.errors] == [code]
