"""The site: every page with its path. `bind_site` is what the program serves of it."""

from datetime import UTC, datetime
from typing import Any

from ordito.api.answers import Answer
from ordito.api.authentication import headers_of
from ordito.api.routes import Services
from ordito.api.routing import Binding
from ordito.platform.problems import Problem
from ordito.platform.settings import Settings
from ordito.web.event_stream import EventStreams, bind_stream
from ordito.web.pages import (
    account,
    api_keys,
    arrivals,
    assemblies,
    attached_files,
    audit,
    bin_levels,
    bin_work,
    bins,
    board,
    bulk_jobs,
    carts,
    channels,
    count_limits,
    customers,
    cycle_counts,
    endless_items,
    expected_stock,
    floor,
    home,
    imports,
    inbox,
    inventory,
    item_buffers,
    item_releases,
    kept_stock,
    laboratory,
    local_areas,
    local_rounds,
    locations,
    losses,
    lots,
    mail_settings,
    markets,
    new_order,
    order_choices,
    order_days,
    order_mails,
    order_page,
    order_reversals,
    order_sourcing,
    order_views,
    orders_list,
    overstock,
    packing,
    palette,
    papers,
    partner_requests,
    people,
    policies,
    products,
    promises,
    replans,
    roles,
    rollouts,
    settings_pages,
    shop_connection,
    stock_acts,
    stock_limits,
    stock_past,
    stock_reasons,
    tariffs,
    transfers,
    watches,
    webhooks,
    work_acts,
)
from ordito.web.pages.password_links import bind_password_links
from ordito.web.pages.sign_in import bind_sign_in
from ordito.web.pages.track import bind_track
from ordito.web.problem_pages import problem_page
from ordito.web.readers import SENDS_MAIL, preferences
from ordito.web.routes import UPLOAD_MAX, Route, bind_pages, read_cookies
from ordito.web.view_context import ViewContext

_ORDER = "/orders/{number:str}"
_WORK = _ORDER + "/work/{fo:str}"
_FLOOR = "/fulfillment/{number:str}/{fo:str}"
_ITEM = "/inventory/{item:str}"
_MESSAGE = "/inbox/{message:str}"

ROUTES = [
    *home.ROUTES,
    *new_order.ROUTES,
    *papers.ROUTES,
    Route("GET", "/scope", palette.keep_scope),
    Route("GET", "/palette", palette.show_palette),
    *orders_list.ROUTES,
    *order_views.ROUTES,
    *bulk_jobs.ROUTES,
    Route("GET", _ORDER, order_page.show),
    Route("POST", _ORDER + "/note", order_page.note),
    Route("POST", _ORDER + "/mentions/seen", order_page.see_notes),
    Route("GET", _ORDER + "/hold", order_page.hold_form),
    Route("POST", _ORDER + "/hold", order_page.hold),
    Route("POST", _ORDER + "/release-hold", order_page.release_holds),
    Route("POST", _ORDER + "/source", order_page.source),
    Route("POST", _ORDER + "/complete-service", order_page.complete),
    Route("GET", _ORDER + "/tags", order_page.tags_form),
    Route("POST", _ORDER + "/tags", order_page.tags),
    Route("GET", _ORDER + "/assign", order_page.assign_form),
    Route("POST", _ORDER + "/assign", order_page.assign),
    Route("GET", _ORDER + "/mark", order_page.mark_form),
    Route("POST", _ORDER + "/mark", order_page.mark),
    Route("GET", _ORDER + "/cancel", order_reversals.cancel_form),
    Route("GET", _ORDER + "/cancel/preview", order_reversals.cancel_preview),
    Route("POST", _ORDER + "/cancel", order_reversals.cancel),
    Route("GET", _ORDER + "/return", order_reversals.return_form),
    Route("POST", _ORDER + "/return", order_reversals.book_return),
    Route("POST", _WORK + "/open-early", work_acts.begin_early),
    Route("POST", _WORK + "/release", work_acts.release),
    Route("POST", _WORK + "/unpick", work_acts.unpick),
    Route("POST", _WORK + "/deliver", work_acts.deliver),
    Route("POST", _WORK + "/ready", work_acts.ready),
    Route("GET", _WORK + "/hand-over", work_acts.hand_over_form),
    Route("POST", _WORK + "/hand-over", work_acts.hand_over_units),
    Route("GET", _WORK + "/not-collected", work_acts.not_collected_form),
    Route("POST", _WORK + "/not-collected", work_acts.not_collected),
    Route("GET", _WORK + "/reject", work_acts.reject_form),
    Route("POST", _WORK + "/reject", work_acts.reject),
    Route("GET", _WORK + "/ship", work_acts.ship_form),
    Route("POST", _WORK + "/ship", work_acts.ship),
    *partner_requests.ROUTES,
    *endless_items.ROUTES,
    *order_choices.ROUTES,
    *arrivals.ROUTES,
    Route("GET", "/fulfillment", board.show_board),
    Route("GET", "/fulfillment/column/{column:str}", board.show_column),
    Route("GET", "/fulfillment/pickups", board.show_pickups),
    Route("GET", "/fulfillment/tasks", board.show_tasks),
    Route("POST", "/fulfillment/tasks/{task:str}/close", work_acts.close),
    Route("POST", "/fulfillment/release", work_acts.release_many),
    Route("POST", _FLOOR + "/release", floor.release_and_pick),
    Route("GET", _FLOOR + "/pick", floor.show_pick),
    Route("POST", _FLOOR + "/pick/scan", floor.scan_pick),
    Route("POST", _FLOOR + "/pick/take", floor.take_pick),
    Route("POST", _FLOOR + "/pick/undo", floor.undo_pick),
    Route("GET", _FLOOR + "/pick/short", floor.short_form),
    Route("POST", _FLOOR + "/pick/short", floor.report_missing),
    Route("GET", _FLOOR + "/pack", packing.show_pack),
    Route("POST", _FLOOR + "/pack/scan", packing.scan_pack),
    Route("POST", _FLOOR + "/pack/all", packing.pack_all),
    Route("POST", _FLOOR + "/pack/ship", packing.ship_parcel),
    *laboratory.ROUTES,
    *rollouts.ROUTES,
    *promises.ROUTES,
    *replans.ROUTES,
    *bins.ROUTES,
    *bin_levels.ROUTES,
    *bin_work.ROUTES,
    Route("GET", "/inventory", inventory.show_inventory),
    Route("GET", "/inventory.csv", inventory.export_inventory),
    Route("GET", "/inventory/rows", inventory.show_changed_rows),
    *transfers.ROUTES,
    *assemblies.ROUTES,
    *expected_stock.ROUTES,
    *item_releases.ROUTES,
    *cycle_counts.ROUTES,
    *lots.ROUTES,
    *kept_stock.ROUTES,
    *item_buffers.ROUTES,
    *stock_limits.ROUTES,
    *stock_reasons.ROUTES,
    *overstock.ROUTES,
    *losses.ROUTES,
    *count_limits.ROUTES,
    *stock_past.ROUTES,
    *carts.ROUTES,
    *watches.ROUTES,
    Route("GET", _ITEM, inventory.show_item),
    Route("GET", _ITEM + "/adjust", stock_acts.adjust_form),
    Route("POST", _ITEM + "/adjust", stock_acts.adjust),
    Route("GET", _ITEM + "/receive", stock_acts.receive_form),
    Route("POST", _ITEM + "/receive", stock_acts.receive),
    Route("GET", _ITEM + "/move", stock_acts.move_form),
    Route("POST", _ITEM + "/move", stock_acts.move),
    Route("GET", _ITEM + "/count", stock_acts.count_form),
    Route("POST", _ITEM + "/count", stock_acts.count),
    *imports.ROUTES,
    Route("GET", "/inbox", inbox.show_inbox),
    Route("GET", "/inbox/import", inbox.show_import),
    Route("POST", "/inbox/import", inbox.run_import, UPLOAD_MAX),
    Route("GET", _MESSAGE, inbox.show_message),
    Route("POST", _MESSAGE + "/replay", inbox.replay),
    Route("POST", _MESSAGE + "/refuse", inbox.refuse),
    Route("GET", "/settings", settings_pages.show_settings),
    *products.ROUTES,
    *locations.ROUTES,
    *local_areas.ROUTES,
    *local_rounds.ROUTES,
    *channels.ROUTES,
    *policies.ROUTES,
    *tariffs.ROUTES,
    *customers.ROUTES,
    *markets.ROUTES,
    *mail_settings.ROUTES,
    *order_mails.ROUTES,
    *attached_files.ROUTES,
    *order_days.ROUTES,
    *order_sourcing.ROUTES,
    *webhooks.ROUTES,
    *people.ROUTES,
    *roles.ROUTES,
    *api_keys.ROUTES,
    *audit.ROUTES,
    *account.ROUTES,
    *shop_connection.ROUTES,
]
"""Every page for people who are signed in."""


def bind_site(services: Services, settings: Settings) -> list[Binding]:
    """All pages, and live updates."""
    services.db.memory[SENDS_MAIL] = bool(settings.smtp_url)
    streams = EventStreams(services.db, services.leaving)
    return [
        bind_stream(streams, services),
        *bind_sign_in(services, settings),
        *bind_track(services),
        *bind_password_links(services, settings),
        *bind_pages(ROUTES, services, settings),
    ]


def wants_page(scope: Any) -> bool:
    """Whether a person looks for a page, and not a program for the API."""
    accepted = headers_of(scope).get(b"accept", b"")
    return b"text/html" in accepted and not scope["path"].startswith("/api/")


def no_page(scope: Any, problem: Problem) -> Answer:
    """The page that says that there is none."""
    cookies = read_cookies(headers_of(scope))
    view = ViewContext(now=datetime.now(UTC), live=False, **preferences(cookies))  # type: ignore[arg-type]
    return problem_page(view, problem, str(scope.get("request_id", "")))
