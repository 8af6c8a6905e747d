"""/static/<version>/<path>: the files that pages load."""

from ordito.api.answers import Answer
from ordito.platform.problems import NotFound
from ordito.web.rendering import static_files
from ordito.web.static_files import StaticFile


def tell_file(version: str, path: str, headers: dict[bytes, bytes]) -> Answer:
    """A file, compressed where the browser takes it; 304 when it has it. Raises NotFound."""
    found = static_files().find(version, path.lstrip("/"))
    if found is None:
        raise NotFound("There is no such file.")
    etag = found.etag.encode()
    told = [
        (b"etag", etag),
        (b"cache-control", found.cache_control.encode()),
        (b"vary", b"Accept-Encoding"),
    ]
    if etag in headers.get(b"if-none-match", b""):
        return Answer(304, told, b"")
    body, encoding = _body(found, headers.get(b"accept-encoding", b""))
    return Answer(200, [(b"content-type", found.content_type.encode()), *encoding, *told], body)


def _body(found: StaticFile, accepted: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    if found.gzipped is None or b"gzip" not in accepted:
        return found.body, []
    return found.gzipped, [(b"content-encoding", b"gzip")]
