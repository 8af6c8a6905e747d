"""Packing slips and pick lists over HTTP."""

import io

import pypdf

from tests import make
from tests.api.conftest import Api
from tests.flows import acts


def test_papers_of_one_order_and_of_a_location(api: Api) -> None:
    order = make.place(api.shop, {"tea": 3})
    part = order.fulfillment_orders[0]
    acts.release(api.shop, order.id)
    work = f"/api/v1/fulfillment-orders/{part.id}"

    slip = api.boss.get(f"{work}/packing-slip.pdf", params={"language": "de"})
    pick = api.boss.get(f"{work}/pick-list.pdf")
    walk = api.boss.get(f"/api/v1/locations/{part.location}/pick-list.pdf")

    assert slip.headers["content-type"] == "application/pdf"
    assert slip.headers["content-disposition"].startswith(
        f'attachment; filename="packing-slip-{order.number}-1.pdf"'
    )
    for paper in (slip, pick, walk):
        text = "".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
        assert str(order.number) in text
    unknown = api.boss.get(
        f"{work}/packing-slip.pdf", params={"language": "xx", "time_zone": "Mars"}
    )
    faults = [fault["pointer"] for fault in unknown.json()["errors"]]
    assert (unknown.status_code, faults) == (422, ["/language", "/time_zone"])
    assert api.boss.get("/api/v1/locations/nowhere/pick-list.pdf").status_code == 404
