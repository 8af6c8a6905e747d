"""The page to try the API out loads everything from here."""

import re

from tests.api.conftest import Api


def test_page_loads_its_script_and_style_from_this_server(api: Api) -> None:
    client = api.client()
    page = client.get("/api/docs")
    assert page.headers["content-type"].startswith("text/html")
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(sources) == 3
    for source in sources:
        assert source.startswith("/")
        assert client.get(source).status_code == 200


def test_static_files_are_kept_for_ever_and_asked_for_by_hash(api: Api) -> None:
    client = api.client()
    style = re.findall(r'href="([^"]+\.css)"', client.get("/api/docs").text)[0]
    first = client.get(style)
    assert "immutable" in first.headers["cache-control"]
    again = client.get(style, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/static/x/../../program.py").status_code == 404
