"""Files on the order page."""

import struct

from ordito.platform.database import Database
from ordito.platform.settings import Settings
from tests import make
from tests.web.visiting import running_site

HEAD = struct.pack(">I4sII", 13, b"IHDR", 640, 480) + bytes(9)
PNG = b"\x89PNG\r\n\x1a\n" + HEAD + struct.pack(">I4s", 300_000, b"IDAT") + bytes(300_004)
PLACE = struct.pack(">I4s", 19, b"eXIf") + b"51.7592 N 19.4560 E" + bytes(4)


def test_staff_add_see_and_remove_files(db: Database) -> None:
    shop = make.shop(db)
    number = make.place(shop, {"tea": 1}).number
    url = f"/orders/{number}"
    with running_site(db, Settings(data_dir="unused")) as site:
        clerk = site.person("order-desk")
        viewer = site.person("viewer")
        key = {"_csrf": clerk.csrf, "_key": "a-key"}

        taken = PNG[:33] + PLACE + PNG[33:]
        sent = [("file", ("Jan.png", taken)), ("file", ("x.exe", b"MZ\0")), ("file", ("", b""))]
        for _again in range(2):
            added = clerk.client.post(url + "/files", data=key, files=sent)
            assert added.status_code == 303
        page = clerk.get(url).text

        assert page.count(f'src="{url}/files/1/picture"') == 1
        assert "Jan.png" in page
        assert f"{url}/files/2" not in page, "refused, and the first was added once"
        picture = clerk.get(f"{url}/files/1/picture")
        assert (picture.content, picture.headers["content-type"]) == (PNG, "image/png")
        assert picture.headers["content-disposition"].startswith("inline")
        saved = viewer.get(f"{url}/files/1")
        assert (saved.content, saved.headers["cache-control"]) == (PNG, "no-store")
        assert saved.headers["content-disposition"].startswith("attachment")
        assert "data-drop" not in viewer.get(url).text

        only = clerk.client.post(url + "/files", data=key | {"_key": "b"}, files=sent[1:2])
        none = clerk.post(url + "/files", {"words": "x"})
        assert (only.status_code, none.status_code) == (415, 422)
        assert "Jan.png" in clerk.get(f"{url}/files/1/remove").text
        assert viewer.post(f"{url}/files/1/remove").status_code == 403
        assert clerk.post(f"{url}/files/1/remove").status_code == 303
        assert clerk.get(f"{url}/files/1").status_code == 404
        assert "Jan.png" not in clerk.get(url).text
