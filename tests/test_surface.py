"""What one can do on the pages, one can do by the API, and the other way round: by one command.

A new command is reachable from both, or stands in a list here with the reason why it isn't.
"""

from ordito.api.table import ENDPOINTS
from ordito.cli.main import COMMANDS as CLI
from ordito.web.site import ROUTES
from tests.surface import Name, commands, reached, references

NEITHER = {
    "announce_to_orders": "done by the clock",
    "cancel_overdue": "done by the clock",
    "chase_request": "done by the clock",
    "fill_endless": "done by the clock",
    "carry_on_bulk_job": "the worker carries jobs on",
    "carry_on_import": "the worker carries imports on",
    "expire_hold_batch": "done by the clock",
    "fail_bulk_job": "the worker notes what it can't carry on",
    "fail_import": "the worker notes what it can't carry on",
    "keep_delivery": "shops send their webhooks to it",
    "move_preorders": "orders follow an item's release by themselves",
    "open_scheduled": "done by the clock",
    "release_holds_due": "done by the clock",
    "settle_lot_at": "the worker sets aside what may not be sold",
    "settle_write_back": "the worker notes what the shop answered",
    "stop_harmful_rollout": "done by the clock",
    "sweep_watch_list": "done by the clock",
    "tell_customer": "mails that events cause",
    "tell_shopper": "mails that the clock causes",
}
"""Done by the program itself."""

NOT_BY_API = {
    "begin_import": "files are uploaded on the import page or read by `ordito import`",
    "book_history": "a step of importing files",
    "finish_import": "a step of importing files",
    "match_cancellations": "a step of importing files",
    "prepare_channel": "a step of importing files",
    "record_placed": "a step of importing files",
}

NOT_ON_PAGES = {
    "adjust_many": "corrections in bulk come from other systems; people adjust one item",
    "extend_hold": "shops keep stock for carts; people don't",
    "fulfil_many": "warehouse systems tell of shipments in bulk; people pack and ship",
    "hold_stock": "shops keep stock for carts; people don't",
    "receive_many": "receipts in bulk come from suppliers' systems; people receive by form",
    "serve_backorders": "stock that comes in serves them by itself",
    "set_markets": "people change one market at a time",
    "set_password": "people get a link to choose one: nobody knows another's",
    "start_picking": "the floor page begins with the first scan",
}


def of_api() -> frozenset[str]:
    return reached((e.call.__module__, e.call.__name__) for e in ENDPOINTS)


def of_pages() -> frozenset[str]:
    outside: list[Name] = [
        ("ordito.web.pages.sign_in", "bind_sign_in"),
        ("ordito.web.pages.password_links", "bind_password_links"),
        ("ordito.web.pages.track", "bind_track"),
    ]
    routes = [(route.function.__module__, route.function.__name__) for route in ROUTES]
    return reached([*routes, *outside])


def every() -> frozenset[str]:
    return frozenset(name for _module, name in commands())


def test_what_pages_can_do_the_api_can_do() -> None:
    assert len(every()) > 100, "the code is read, not skipped"
    assert sorted(every() - of_api()) == sorted({*NEITHER, *NOT_BY_API})


def test_what_the_api_can_do_pages_can_do() -> None:
    assert sorted(every() - of_pages()) == sorted({*NEITHER, *NOT_ON_PAGES})


def test_the_command_line_reaches_what_operators_need() -> None:
    modules = {target.partition(":")[0] for target, _words in CLI.values()}
    found = reached(name for name in _all_names() if name[0] in modules)
    assert found >= {
        "change_role", "change_user", "change_webhook", "create_customer", "create_key",
        "create_policy", "create_role", "create_user", "create_webhook", "delete_webhook",
        "end_sessions", "ping_webhook", "remove_role", "remove_second_factor", "replay_webhook",
        "revoke_key", "rotate_secret", "send_invitation", "send_mail_again", "send_test",
        "set_password", "update_channel", "update_customer", "update_location", "update_policy",
        "write_connection",
    }  # fmt: skip


def _all_names() -> list[Name]:
    return list(references())
