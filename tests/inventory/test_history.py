"""The ledger newest first, and stock as it was at any moment."""

from datetime import UTC, datetime, timedelta

from ordito.inventory.history import Moment, list_postings, read_levels_at
from ordito.inventory.types import Posting
from ordito.platform.database import Database
from tests import make
from tests.flows import stock_acts as acts


def as_of(moment: datetime) -> Moment:
    """As the books showed it then."""
    return Moment(moment, moment)


def pages(shop: make.Shop, limit: int) -> list[Posting]:
    found: list[Posting] = []
    with shop.db.reading(make.BOSS) as tx:
        while True:
            last = found[-1] if found else None
            before = (last.at, last.location_id, last.seq) if last else None
            page = list_postings(tx, shop.items["tea"], before=before, limit=limit)
            found += page
            if len(page) < limit:
                return found


def test_complaint_41_every_change_of_an_item_is_listed_newest_first(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}, "B": {"tea": 5}})
    for _ in range(4):
        acts.adjust(shop, "A", {"tea": -1}, "lost")
        acts.adjust(shop, "B", {"tea": 1}, "found")

    everything = pages(shop, 100)

    assert len(everything) == 10
    assert [p.at for p in everything] == sorted((p.at for p in everything), reverse=True)
    assert everything[0].reason == "found"
    assert (everything[0].on_hand_after, everything[0].actor_id) == (9, make.BOSS.id)
    for limit in (1, 3, 10):
        assert pages(shop, limit) == everything
    with db.reading(make.BOSS) as tx:
        of_b = list_postings(tx, shop.items["tea"], location_ids=[shop.locations["B"]])
    assert [p.seq for p in of_b] == [5, 4, 3, 2, 1]


def test_complaint_41_stock_at_any_past_moment_is_known(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 100}, "B": {"tea": 0}})
    moments: list[tuple[datetime, int]] = []
    for n in range(37):
        acts.adjust(shop, "A", {"tea": -1}, "lost")
        moments.append((acts.clock(db), 99 - n))
    acts.receive(shop, "B", {"tea": 7})
    a, b = shop.locations["A"], shop.locations["B"]

    with db.reading(make.BOSS) as tx:
        for moment, units in moments:
            (level,) = read_levels_at(tx, shop.items.values(), as_of(moment))
            assert (level.location_id, level.on_hand, level.available) == (a, units, units)
        now = read_levels_at(tx, shop.items.values(), as_of(acts.clock(db)))
        assert [(level.location_id, level.on_hand) for level in now] == [(a, 63), (b, 7)]
        (only_b,) = read_levels_at(tx, shop.items.values(), as_of(acts.clock(db)), location_ids=[b])
        assert only_b.on_hand == 7
        assert (
            read_levels_at(tx, shop.items.values(), as_of(datetime(2020, 1, 1, tzinfo=UTC))) == []
        )


def test_the_past_tells_what_was_reserved_then(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 5}})
    before = acts.clock(db)
    make.place(shop, {"tea": 3})

    with db.reading(make.BOSS) as tx:
        (then,) = read_levels_at(tx, shop.items.values(), as_of(before))
        (now,) = read_levels_at(tx, shop.items.values(), as_of(before + timedelta(days=1)))
    assert (then.available, then.reserved) == (5, 0)
    assert (now.available, now.reserved, now.picked) == (2, 3, 0)
