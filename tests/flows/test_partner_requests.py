"""Partners are asked, and their answers decide: exactly one of two that meet wins."""

import csv
import io
from typing import Any
from uuid import UUID

import pytest

from ordito.flows.answer_requests import accept_request, answer_cancellation, ship_accepted
from ordito.flows.partner_files import take_answers, write_requests
from ordito.flows.reject_fulfillment_order import reject_fulfillment_order
from ordito.flows.sweep_watches import sweep_watches
from ordito.flows.withdraw_requests import chase_partners, withdraw_request
from ordito.fulfillment.asks import (
    AcceptRequest,
    AnswerCancellation,
    RejectFulfillmentOrder,
    ShipAccepted,
    WithdrawRequest,
)
from ordito.fulfillment.requests import read_request
from ordito.listings.partner_figures import read_partner_figures
from ordito.listings.partner_requests import PartnerRequest, Show, list_requests
from ordito.listings.watches import list_watches
from ordito.platform.access import SYSTEM, Actor
from ordito.platform.database import Database
from ordito.platform.door import run
from ordito.platform.problems import ActionNotAllowed, NotFound, Problem
from tests import make
from tests.doctor.wellness import assert_well_now
from tests.flows import acts
from tests.races.racing import race

STOCK = {"P": {"tea": 10, "cup": 10}, "S": {"jug": 10}, "W": {"pot": 5}}
PLACES: dict[str, dict[str, Any]] = {
    "P": {"kind": "3pl", "answer_hours": 24, "partner_email": "desk@partner.example"},
    "S": {"kind": "supplier", "answer_hours": 8, "ship_hours": 12},
}


def open_shop(db: Database, **stock: dict[str, int]) -> make.Shop:
    return make.shop(db, stock=STOCK | stock, locations=PLACES)


def ask_partner(shop: make.Shop, lines: dict[str, int]) -> UUID:
    """An order whose first part a partner is asked to send."""
    order_id: UUID = make.place(shop, lines).id
    state = acts.release(shop, order_id)
    assert acts.requests(state) == ["submitted"]
    return order_id


def listed(
    db: Database, show: Show = "answer", actor: Actor = make.BOSS, **more: Any
) -> list[PartnerRequest]:
    with db.reading(actor) as tx:
        return list(list_requests(tx, show, **more).items)


def let_pass(db: Database, column: str, hours: int) -> None:
    """So much of a request's time is over."""
    with make.owner(db) as conn:
        conn.execute(
            "UPDATE fulfillment.request"
            f" SET submitted_at = submitted_at - interval '{hours} hours',"
            f" {column} = {column} - interval '{hours} hours' WHERE answered_at IS NULL"
        )


def test_a_supplier_is_asked_says_yes_and_sends_to_the_customer(db: Database) -> None:
    shop = open_shop(db)
    order_id = ask_partner(shop, {"jug": 3})
    partner = acts.clerk(shop, "S")

    state = acts.look(shop, order_id)
    assert acts.parts(state) == [("S", "released")]
    assert state.fulfillment_orders[0].allowed_actions == ("reject", "accept", "withdraw")
    assert "not answered yet" in (
        acts.refusal(shop, lambda: acts.pick(shop, order_id)).detail or ""
    )
    (request,) = listed(db, actor=partner)
    assert (request.location.code, request.units, request.request) == ("S", 3, "submitted")
    assert request.to is not None
    assert request.to.city == "Warszawa"
    assert (request.answer_by - request.submitted_at).total_seconds() == 8 * 3600
    stranger = acts.clerk(shop, "P")
    assert listed(db, actor=stranger) == []
    with pytest.raises(NotFound):
        run(db, stranger, accept_request, AcceptRequest(order_id=order_id, fo_no=1))

    ask = AcceptRequest(order_id=order_id, fo_no=1, reference="WO-5512")
    state = acts.do(db, accept_request, ask, partner)
    assert acts.requests(state) == ["accepted"]
    assert "withdraw" not in state.fulfillment_orders[0].allowed_actions
    for late in (acts.accept, acts.reject, acts.withdraw):
        problem = acts.refusal(shop, lambda late=late: late(shop, order_id))  # type: ignore[misc]
        assert "accepted already" in (problem.detail or "")
    (request,) = listed(db, "send", actor=partner)
    assert (request.reference, request.allowed_actions) == (
        "WO-5512", ("report_short", "ship_accepted"))  # fmt: skip

    state = acts.ship_accepted(shop, order_id, {1: 2}, tracking_number="JJD1")
    assert (acts.vector(state), acts.requests(state)) == (
        {"released": 1, "shipped": 2},
        ["accepted"],
    )
    state = acts.ship_accepted(shop, order_id)
    assert (acts.vector(state), acts.requests(state)) == ({"shipped": 3}, ["closed"])
    assert listed(db, "send") == []
    (request,) = listed(db, "done")
    assert (request.answer, request.ship_by is not None) == ("accepted", True)
    assert [kind for kind in acts.timeline(shop, order_id) if "request" in kind] == [
        "request_submitted", "request_accepted"]  # fmt: skip
    with db.connection() as conn:
        flows = conn.execute(
            "SELECT from_bucket, to_bucket, sum(qty)::int FROM inventory.posting"
            " WHERE item_id = %s GROUP BY 1, 2", (shop.items["jug"],)
        ).fetchall()  # fmt: skip
    outside = {(a, b): n for a, b, n in flows}
    assert outside["supplier", "available"] == 10
    assert outside["reserved", "customer"] == 3
    assert acts.level(shop, "jug", "S") == {"on_hand": 7, "available": 7}
    with db.reading(SYSTEM) as tx:
        _since, figures = read_partner_figures(tx, 30)
    kept = {one.location.code: one for one in figures}
    assert (kept["S"].asked, kept["S"].answered_in_time, kept["S"].shipped_in_time) == (1, 1, 1)
    assert (kept["P"].asked, kept["P"].answer_hours) == (0, None)
    assert_well_now(db)


def test_a_partner_rejects_a_part_and_unanswered_requests_are_chased_then_taken_back(
    db: Database,
) -> None:
    shop = open_shop(db, W={"tea": 4})
    order_id = ask_partner(shop, {"tea": 5, "cup": 2})
    ask = RejectFulfillmentOrder(order_id=order_id, fo_no=1, reason="damaged", lines={"1": 2})
    state = acts.do(db, reject_fulfillment_order, ask)
    assert acts.parts(state) == [("P", "released"), ("W", "open")]
    assert acts.requests(state) == ["submitted", None]
    assert acts.vector(state) == {"reserved": 2, "released": 3}
    acts.reject(shop, order_id)
    assert acts.requests(acts.look(shop, order_id))[0] == "rejected"

    silent = ask_partner(shop, {"cup": 1})
    assert chase_partners(db, "https://shop.example") == 0
    let_pass(db, "answer_by", 25)
    sweep_watches(db)
    with db.reading(SYSTEM) as tx:
        (watch,) = list_watches(tx, "unanswered").items
    number = acts.look(shop, silent).number
    assert (watch.number, watch.location and watch.location.code) == (number, "P")
    assert chase_partners(db, "https://shop.example") == 1
    assert chase_partners(db, "https://shop.example") == 0, "reminded once"
    with db.connection() as conn:
        mails = conn.execute("SELECT kind, recipient, body_text FROM notifications.mail").fetchall()
    assert [mail[:2] for mail in mails] == [("partner.reminder", "desk@partner.example")]
    assert "https://shop.example/fulfillment/requests" in mails[0][2]
    assert acts.event(shop, silent, "request_chased") == {
        "fo_no": 1, "location": "P", "mailed": True}  # fmt: skip

    let_pass(db, "withdraw_at", 49)
    assert chase_partners(db, "") == 1
    state = acts.look(shop, silent)
    assert (acts.parts(state), acts.requests(state)) == ([("P", "cancelled")], ["withdrawn"])
    assert acts.vector(state) == {"backordered": 1}, "nobody else has it, and P isn't asked again"
    problem = acts.refusal(shop, lambda: acts.accept(shop, silent))
    assert "withdrawn: it was taken back" in (problem.detail or "")
    assert chase_partners(db, "") == 0
    sweep_watches(db)
    with db.reading(SYSTEM) as tx:
        assert list_watches(tx, "unanswered").items == ()
        _since, figures = read_partner_figures(tx, 30)
    kept = next(one for one in figures if one.location.code == "P")
    assert (kept.asked, kept.answered_in_time, kept.answered_late, kept.rejected) == (2, 1, 1, 1)
    (late,) = listed(db, "done", measure="answered_late")
    assert late.order_id == silent
    assert [one.order_id for one in listed(db, "done", measure="rejected")] == [order_id]
    assert_well_now(db)


def test_what_a_partner_has_begun_is_cancelled_only_when_it_agrees(db: Database) -> None:
    shop = open_shop(db)
    unanswered = ask_partner(shop, {"tea": 1})
    state = acts.cancel(shop, unanswered)
    assert (acts.requests(state), state.life) == (["withdrawn"], "cancelled")

    order_id = ask_partner(shop, {"tea": 4, "cup": 2})
    acts.accept(shop, order_id)
    state = acts.cancel(shop, order_id, {1: 3})
    assert acts.vector(state) == {"released": 4}, "asked, not cancelled"
    assert acts.requests(state) == ["cancellation_requested"]
    version = state.version
    assert acts.cancel(shop, order_id, {1: 3}).version > version, "one more is asked about"
    version = acts.look(shop, order_id).version
    assert acts.cancel(shop, order_id, {1: 1}).version == version, "all of it is asked about"
    (request,) = listed(db)
    assert [(line.sku, line.cancel) for line in request.lines] == [("tea", 4), ("cup", 0)]

    state = acts.answer_cancellation(shop, order_id, accepted=False)
    assert (acts.requests(state), acts.vector(state)) == (
        ["cancellation_rejected"],
        {"released": 4},
    )
    acts.cancel(shop, order_id, {1: 3})
    acts.ship_accepted(shop, order_id, {1: 2})
    state = acts.answer_cancellation(shop, order_id, accepted=True)
    assert acts.vector(state) == {"cancelled": 2, "shipped": 2}, "what had left can't be left out"
    assert acts.requests(state) == ["accepted"]
    assert make.free(shop, "tea") == {"P": 8}

    acts.cancel(shop, order_id)
    state = acts.answer_cancellation(shop, order_id, accepted=True)
    assert acts.requests(state) == ["cancellation_accepted"]
    assert acts.vector(state, 2) == {"cancelled": 2}
    sent = ask_partner(shop, {"cup": 1})
    acts.accept(shop, sent)
    acts.cancel(shop, sent)
    state = acts.ship_accepted(shop, sent)
    assert (acts.requests(state), acts.vector(state)) == (["closed"], {"shipped": 1})
    problem = acts.refusal(shop, lambda: acts.answer_cancellation(shop, sent, accepted=True))
    assert isinstance(problem, ActionNotAllowed)
    assert_well_now(db)


def test_a_late_yes_and_taking_back_and_a_yes_to_cancelling_and_a_parcel_never_both_win(
    db: Database,
) -> None:
    shop = open_shop(db, W={"tea": 10})
    for _turn in range(2):
        order_id = make.place(shop, {"cup": 1}).id
        acts.release(shop, order_id)
        yes = AcceptRequest(order_id=order_id, fo_no=1)
        back = WithdrawRequest(order_id=order_id, fo_no=1)
        outcomes = race(
            [
                lambda yes=yes: run(db, make.BOSS, accept_request, yes),  # type: ignore[misc]
                lambda back=back: run(db, SYSTEM, withdraw_request, back),  # type: ignore[misc]
            ]
        )
        assert sum(isinstance(one, Problem) for one in outcomes) == 1
        state = acts.look(shop, order_id)
        won = "withdrawn" if isinstance(outcomes[0], Problem) else "accepted"
        assert acts.requests(state)[0] == won
        with db.reading(SYSTEM) as tx:
            kept = read_request(tx, order_id, 1)
        assert kept is not None
        assert kept.answer == won

        both = make.place(shop, {"cup": 1}).id
        acts.release(shop, both)
        acts.accept(shop, both)
        acts.cancel(shop, both)
        agree = AnswerCancellation(order_id=both, fo_no=1, accepted=True)
        leave = ShipAccepted(order_id=both, fo_no=1, carrier="DHL")
        outcomes = race(
            [
                lambda agree=agree: run(db, make.BOSS, answer_cancellation, agree),  # type: ignore[misc]
                lambda leave=leave: run(db, make.BOSS, ship_accepted, leave),  # type: ignore[misc]
            ]
        )
        assert sum(isinstance(one, Problem) for one in outcomes) == 1
        assert acts.vector(acts.look(shop, both)) in ({"cancelled": 1}, {"shipped": 1})
    assert_well_now(db)


def test_files_ask_and_answer_with_one_effect(db: Database) -> None:
    shop = open_shop(db)
    order_id = ask_partner(shop, {"tea": 2, "cup": 1})
    other = ask_partner(shop, {"tea": 1})
    out = io.StringIO()
    with db.reading(SYSTEM) as tx:
        assert write_requests(tx, out, "answer", "P") == 3
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [(row["request"], row["line"], row["sku"], row["units"]) for row in rows] == [
        (f"{order_id}.1", "1", "tea", "2"), (f"{order_id}.1", "2", "cup", "1"),
        (f"{other}.1", "1", "tea", "1")]  # fmt: skip
    assert rows[0]["city"] == "Warszawa"

    file = "\n".join(
        [
            "request,answer,line,units,reason,carrier,tracking_number",
            f"{order_id}.1,accept,,,,,",
            f"{order_id}.1,ship,1,1,,DPD,JJD1",
            f"{order_id}.1,ship,2,1,,DPD,JJD1",
            f"{other}.1,reject,,,out_of_stock,,",
            f"{other}.1,ship,,,,DPD,JJD2",
            f"{order_id}.1,perhaps,,,,,",
            "nonsense,accept,,,,,",
        ]
    )
    for _again in range(2):
        told = take_answers(db, SYSTEM, io.StringIO(file))
        assert [(one.row, one.problem is None) for one in told] == [
            (2, True), (3, True), (5, True), (6, False), (7, False), (8, False)]  # fmt: skip
        state = acts.look(shop, order_id)
        assert (acts.vector(state), acts.vector(state, 2)) == (
            {"released": 1, "shipped": 1}, {"shipped": 1})  # fmt: skip
    with pytest.raises(Problem, match="no file of answers"):
        take_answers(db, SYSTEM, io.StringIO("a,b\n1,2\n"))
