"""Files that pages load, under addresses that change with their content: cached for ever.

`/static/<version>/css/base.css`: the version is a hash of every file. It stands before the path, so
that relative imports between scripts and relative URLs in style sheets stay inside one version.
"""

import gzip
import hashlib
import json
import mimetypes
from pathlib import Path

import msgspec

ROOT = Path(__file__).parent / "static"
PREFIX = "/static/"
FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

_COMPRESSIBLE = ("text/", "image/svg", "application/json")
_COMPRESSIBLE_BYTES_MIN = 1_000
# What a browser must be told; the registry of the machine may know nothing or something else.
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".json": "application/json",
}


class AssetsMissing(Exception):
    """The vendored files were never built: a defect of the installation, told at start."""


class StaticFile(msgspec.Struct, frozen=True):
    """A file ready to send. `gzipped` is None where compressing gains nothing."""

    body: bytes
    gzipped: bytes | None
    content_type: str
    etag: str
    cache_control: str


class StaticFiles:
    """The files below `root`, hashed once and read into memory on first use (3 MB in all)."""

    def __init__(self, root: Path = ROOT) -> None:
        """Raises AssetsMissing when the vendored files are not there."""
        self.root = root
        manifest = root / "vendor" / "manifest.json"
        if not manifest.is_file():
            raise AssetsMissing(
                f"{manifest.parent} is missing. Run `python assets/build_hook.py` in a checkout, "
                "or install Ordito from a wheel."
            )
        self._vendored: dict[str, str] = json.loads(manifest.read_text("utf-8"))["files"]
        self._paths = _list_files(root)
        self.version = _hash_files(self._paths)
        self._sent: dict[str, StaticFile] = {}

    def url(self, path: str) -> str:
        """Address of one of our files, such as "css/base.css"; KeyError when there is none."""
        if path not in self._paths:
            raise KeyError(f"no static file {path}")
        return f"{PREFIX}{self.version}/{path}"

    def vendor_url(self, name: str) -> str:
        """Address of a vendored file by its bare name, such as "htmx.min.js"."""
        return self.url(f"vendor/{self._vendored[name]}")

    def find(self, version: str, path: str) -> StaticFile | None:
        """The file to send for an address, or None. Only listed files: no `..` gets out.

        An address of another version, kept by a page from before an upgrade, gets today's file but
        may not be kept.
        """
        source = self._paths.get(path)
        if source is None:
            return None
        if path not in self._sent:
            self._sent[path] = _read(source)
        found = self._sent[path]
        return found if version == self.version else _uncached(found)


def _list_files(root: Path) -> dict[str, Path]:
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _hash_files(paths: dict[str, Path]) -> str:
    digest = hashlib.sha256()
    for name, path in paths.items():
        digest.update(name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:12]


def _read(path: Path) -> StaticFile:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "text/plain"
    worth = kind.startswith(_COMPRESSIBLE) and len(body) >= _COMPRESSIBLE_BYTES_MIN
    return StaticFile(
        body=body,
        gzipped=gzip.compress(body, 9, mtime=0) if worth else None,
        content_type=kind,
        etag=f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        cache_control=FOREVER,
    )


def _uncached(file: StaticFile) -> StaticFile:
    return msgspec.structs.replace(file, cache_control=REVALIDATE)
