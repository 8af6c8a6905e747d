"""Files of orders over HTTP: bytes as they are, never run."""

from tests import make
from tests.api.conftest import Api

BODY = b"%PDF-1.7\n\r\n--x\r\n" + bytes(range(256)) * 3_000


def test_a_file_goes_in_and_out_as_it_is(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1})
    url = f"/api/v1/orders/{order.id}/files"
    named = {"name": "Łódź “1”.pdf", "note": "signed"}

    raw = api.boss.post(url, params=named, content=BODY, headers={"idempotency-key": "k1"})
    again = api.boss.post(url, params=named, content=BODY, headers={"idempotency-key": "k1"})
    form = api.boss.post(url, files={"file": ("b.pdf", BODY, "text/html")})

    assert (raw.status_code, raw.json()["file_no"], again.json()) == (201, 1, raw.json())
    assert (form.status_code, form.json()["file_no"]) == (201, 2)
    listed = api.boss.get(url).json()["items"]
    assert [(f["name"], f["size_bytes"], f["note_no"]) for f in listed] == [
        ("Łódź “1”.pdf", len(BODY), 1),
        ("b.pdf", len(BODY), None),
    ]
    for no in (1, 2):
        got = api.boss.get(f"{url}/{no}")
        assert got.content == BODY
        assert got.headers["content-length"] == str(len(BODY))
    told = api.boss.get(f"{url}/1").headers
    assert told["content-type"] == "application/pdf"
    assert told["content-disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%C5%81%C3%B3d%C5%BA%20" in told["content-disposition"]
    assert told["content-security-policy"] == "default-src 'none'; sandbox"
    assert told["x-content-type-options"] == "nosniff"

    assert api.boss.delete(f"{url}/1").status_code == 200
    assert api.boss.get(f"{url}/1").status_code == 404


def test_what_is_no_file_of_ours_is_refused_in_words(api: Api) -> None:
    order = make.place(api.shop, {"tea": 1})
    url = f"/api/v1/orders/{order.id}/files"
    form = {"content-type": "multipart/form-data; boundary=x"}

    kind = api.boss.post(url, content=b"<!doctype html>")
    two = api.boss.post(url, files=[("file", ("a", b"a")), ("file", ("b", b"b"))])
    broken = api.boss.post(url, content=b"no form", headers=form)
    large = api.boss.post(url, content=b"%PDF-" + bytes(21_000_000))

    assert (kind.status_code, kind.json()["type"]) == (415, "/problems/file-kind-refused")
    assert (two.status_code, broken.status_code) == (422, 422)
    assert (large.status_code, large.json()["type"]) == (413, "/problems/body-too-large")
    assert api.boss.get(url).json() == {"items": []}
