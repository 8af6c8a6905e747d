"""Buffers of single items: what a channel isn't told of, in place of the channel's number."""

from typing import Any

import msgspec
import pytest

from ordito.channels.item_buffers import BuffersSet, SetItemBuffers
from ordito.channels.types import UpdateChannel
from ordito.flows.buffer_items import set_item_buffers
from ordito.flows.manage_channels import update_channel
from ordito.flows.publish_availability import read_availability
from ordito.flows.tell_availability import AskDelivery, get_delivery_availability
from ordito.platform.access import SYSTEM
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import InvalidInput, NotFound
from tests import make
from tests.flows import stock_acts as acts


def set_buffers(db: Database, **units: int | None) -> BuffersSet:
    lines = [{"sku": sku, "units": n} for sku, n in units.items()]
    ask = msgspec.convert({"code": "web", "buffers": lines}, SetItemBuffers)
    return run(db, make.BOSS, set_item_buffers, ask)


def told(db: Database) -> list[tuple[int, int]]:
    """Of tea and cup: published to the channel, told for a destination."""
    with db.reading(SYSTEM) as tx:
        published = read_availability(tx, "web", skus=["tea", "cup"]).items
        ask: Any = {"channel": "web", "country": "PL", "sku": ["tea", "cup"]}
        near = get_delivery_availability(tx, msgspec.convert(ask, AskDelivery)).items
    return [(one.published, two.units) for one, two in zip(published, near, strict=True)]


def test_an_items_own_buffer_counts_before_the_channels(db: Database) -> None:
    shop = make.shop(db, stock={"A": {"tea": 10, "cup": 10}})
    run(db, make.BOSS, update_channel, UpdateChannel(code="web", stock_buffer=2))
    assert told(db) == [(8, 8), (8, 8)]

    assert set_buffers(db, tea=7, cup=0).changed == 2
    assert told(db) == [(3, 3), (10, 10)]
    assert set_buffers(db, tea=7).changed == 0
    assert set_buffers(db, tea=None).changed == 1

    assert told(db) == [(8, 8), (10, 10)]
    entries = acts.timeline(db, shop.channels["web"])
    assert [e.kind for e in entries].count("channel.item_buffers_set") == 2
    with pytest.raises(InvalidInput):
        set_buffers(db, tea=1, nothing=2)
    unknown = {"code": "moon", "buffers": [{"sku": "tea", "units": 1}]}
    ask = msgspec.convert(unknown, SetItemBuffers)
    with pytest.raises(NotFound):
        run(db, make.BOSS, set_item_buffers, ask)
    assert told(db) == [(8, 8), (10, 10)]
