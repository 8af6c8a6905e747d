"""Serves every page with made-up data, under the product's content security policy.

    python tools/preview.py --port 8800 --watch
    http://127.0.0.1:8800/design   and whatever the frame links to

Query parameters of every page: locale=he, pseudo=long (or mirrored), theme=dark, compact=1,
demo=1, toast=1, still=1.
Nothing is stored: an act answers as the product would, with a toast, and changes nothing.
"""

import argparse
import json
import sys
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import preview_samples as samples  # type: ignore[import-not-found]
from jinja2 import ChainableUndefined

from ordito.kernel.ids import new_token
from ordito.web import rendering
from ordito.web.static_files import PREFIX, ROOT, StaticFiles
from ordito.web.view_context import Toast, ViewContext

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
CSRF_TOKEN = "preview-" + new_token()
PERMISSIONS = frozenset(("orders.read", "fulfillment.read", "inventory.read"))
PAGES: dict[str, tuple[str, Any]] = {
    "/": ("orders/list.html", lambda: samples.read("orders")),
    "/design": ("design.html", lambda: samples.read("design")),
    "/orders": ("orders/list.html", lambda: samples.read("orders")),
    "/orders/none": ("orders/list.html", samples.no_orders),
    "/orders/1042": ("orders/show.html", lambda: samples.read("order")),
    "/orders/1042/cancel": ("orders/_cancel_form.html", samples.cancel_form),
    "/orders/1042/hold": ("orders/_hold_form.html", lambda: samples.read("hold")),
    "/fulfillment": ("fulfillment/board.html", lambda: samples.read("board")),
    "/fulfillment/pick": ("fulfillment/pick.html", samples.pick),
    "/fulfillment/pick/right": ("fulfillment/pick.html", lambda: samples.pick("right")),
    "/fulfillment/pick/wrong": ("fulfillment/pick.html", lambda: samples.pick("wrong")),
    "/fulfillment/pick/done": ("fulfillment/pick.html", lambda: samples.pick("done")),
    "/fulfillment/pick/short": ("fulfillment/_short_form.html", lambda: samples.read("short")),
    "/fulfillment/pack": ("fulfillment/pack.html", samples.pack),
    "/fulfillment/pack/ready": ("fulfillment/pack.html", lambda: samples.pack(ready=True)),
    "/inventory": ("inventory/list.html", lambda: samples.read("stock")),
    "/inventory/1": ("inventory/item.html", lambda: samples.read("item")),
    "/orders/1042/adjust": ("inventory/_adjust_form.html", lambda: samples.read("adjust")),
    "/login": ("login.html", lambda: samples.read("login")),
    "/problem": ("problem.html", lambda: samples.read("problem")),
    "/api/docs": ("api_reference.html", lambda: {"openapi_url": "/api/openapi.json"}),
}
FRAGMENTS = {"/orders/1042": "orders/_order.html", "/inventory/1": "inventory/_item.html"}


class Preview(BaseHTTPRequestHandler):
    """One request. HTTP/1.1, as in life: the event stream and the pages share few connections."""

    protocol_version = "HTTP/1.1"
    server: "PreviewServer"

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        query = dict(parse_qsl(address.query))
        if address.path.startswith(PREFIX):
            self.send_static(address.path.removeprefix(PREFIX))
        elif address.path == "/events/stream":
            self.send_events()
        elif address.path == "/palette":
            self.send_page("palette/_results.html", samples.palette(query.get("q", "")), query)
        elif address.path == "/api/openapi.json":
            self.send(json.dumps(samples.openapi()).encode(), "application/json")
        elif address.path == "/orders/rows":
            ids = [value for key, value in parse_qsl(address.query) if key == "id"]
            self.send_page("orders/_rows.html", samples.changed_rows(ids), query)
        elif address.path in PAGES:
            self.send_named(address.path, query)
        else:
            self.send_page("problem.html", samples.read("problem"), query, status=404)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        form = dict(parse_qsl(self.rfile.read(length).decode()))
        if self.path == "/fulfillment/pick/scan":
            outcome = "right" if form.get("code") == samples.SCANNED_RIGHT else "wrong"
            self.send_page("fulfillment/_pick_task.html", samples.pick(outcome), {})
        elif self.path == "/orders/1042/cancel" and not form.get("reason"):
            self.send_page("orders/_cancel_form.html", samples.cancel_form(faulty=True), {}, 422)
        elif self.path == "/_change":  # tests: pretend that something changed
            self.server.changes.append(json.dumps(form))
            self.send(b"", "text/plain", 204)
        elif self.headers.get("X-CSRF-Token") != CSRF_TOKEN:
            self.send(b"forged", "text/plain", 403)
        else:
            undo = "" if self.path.endswith("/undo") else f"{self.path}/undo"
            toast = {"ordito:toast": {"text": "Done.", "tone": "success", "undo_url": undo}}
            self.send(b"", "text/html", 204, {"HX-Trigger": json.dumps(toast)})

    def send_named(self, path: str, query: dict[str, str]) -> None:
        template, data = PAGES[path]
        context = data()
        if self.headers.get("HX-Request"):
            template = FRAGMENTS.get(path, template)
        elif template.endswith("_form.html"):
            template, context = "form_page.html", context | {"form": template}
        self.send_page(template, context, query)

    def send_page(
        self, template: str, data: dict[str, Any], query: dict[str, str], status: int = 200
    ) -> None:
        html = rendering.render(template, view_of(urlsplit(self.path).path, query), **data)
        self.send(html.encode(), "text/html; charset=utf-8", status)

    def send_static(self, address: str) -> None:
        version, _, path = address.partition("/")
        found = rendering.static_files().find(version, path)
        if found is None:
            self.send(b"", "text/plain", 404)
        else:
            self.send(found.body, found.content_type, 200, {"Cache-Control": found.cache_control})

    def send_events(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        seen = len(self.server.changes)
        try:
            while True:
                for change in self.server.changes[seen:]:
                    self.wfile.write(f"event: changed\ndata: {change}\n\n".encode())
                seen = len(self.server.changes)
                self.wfile.write(b": still here\n\n")
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def send(
        self, body: bytes, kind: str, status: int = 200, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the pages are what is looked at."""


# Made-up data may lack what a page shows besides; on real data nothing may be undefined.
rendering.environment().undefined = ChainableUndefined


class PreviewServer(ThreadingHTTPServer):
    """Remembers the changes that tests announce."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Preview)
        self.changes: list[str] = []


def view_of(path: str, query: dict[str, str]) -> ViewContext:
    """A warehouse manager in Łódź, as the query wants her."""
    toasts = (Toast("Order #1041 was released to picking.", undo_url="/undo"),)
    return ViewContext(
        now=samples.NOW,
        user_name="" if path == "/login" else "Kasia Nowak",
        user_email="kasia@example.pl",
        permissions=PERMISSIONS,
        locale=query.get("locale", "en_GB"),
        pseudo=query.get("pseudo", ""),  # type: ignore[arg-type]
        timezone="Europe/Warsaw",
        theme=query.get("theme", "auto"),  # type: ignore[arg-type]
        compact="compact" in query,
        csrf_token=CSRF_TOKEN,
        demo="demo" in query,
        counts={"orders": 12, "fulfillment": 26},
        scope=samples.scope(),
        toasts=toasts if "toast" in query else (),
        path=path,
        live="still" not in query,
    )


def newest_files() -> StaticFiles:
    """The static files, read again after any of them was written."""
    written = max(path.stat().st_mtime_ns for path in ROOT.rglob("*") if path.is_file())
    return files_of(written)


@cache
def files_of(written: int) -> StaticFiles:
    """The files as they were at that moment."""
    return StaticFiles()


def main() -> None:
    options = argparse.ArgumentParser(description="Serve the pages with made-up data.")
    options.add_argument("--port", type=int, default=8800, help="0 takes a free one")
    options.add_argument("--watch", action="store_true", help="see changed files without restart")
    chosen = options.parse_args()
    if chosen.watch:
        rendering.environment().auto_reload = True
        rendering.static_files = newest_files  # type: ignore[assignment]
    server = PreviewServer(chosen.port)
    print(f"http://127.0.0.1:{server.server_address[1]}/design", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
