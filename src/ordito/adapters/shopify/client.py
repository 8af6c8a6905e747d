"""The Admin GraphQL API: one call at a time, within its budget, never for ever."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec

from ordito.channels.shops import Access, ShopRefused, ShopUnreachable

VERSION = "2025-07"
TIMEOUT = httpx.Timeout(20, connect=5)
TRIES_MAX = 5
WAIT_MAX_S = 20.0
ANSWER_MAX = 20_000_000


class Client:
    """Calls the API of any shop.

    base: where a shop's API is, with {domain} in it. sleep: waits for the budget to fill up.
    """

    def __init__(self, base: str, sleep: Callable[[float], None] = time.sleep) -> None:
        self._base = base
        self._sleep = sleep
        self._http = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def ask(self, access: Access, text: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """The answer's data. A call that was refused for its cost has not been carried out, so it
        is made again when the budget allows; any other failure is told at once.

        Raises ShopRefused and ShopUnreachable.
        """
        for attempt in range(1, TRIES_MAX + 1):
            answer = self._post(access, {"query": text, "variables": variables})
            wait_s = _throttled_s(answer, attempt)
            if wait_s is None:
                return _data(answer)
            self._sleep(min(wait_s, WAIT_MAX_S))
        raise ShopUnreachable("The shop's budget for calls stays used up.")

    def _post(self, access: Access, body: Mapping[str, Any]) -> dict[str, Any]:
        url = f"{self._base.format(domain=access.domain)}/admin/api/{VERSION}/graphql.json"
        headers = {
            "X-Shopify-Access-Token": access.token,
            "Content-Type": "application/json",
            "User-Agent": "Ordito",
        }
        try:
            answer = self._http.post(url, content=msgspec.json.encode(body), headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise ShopUnreachable(f"No answer from the shop ({type(fault).__name__}).") from fault
        if answer.status_code == 429:
            after = answer.headers.get("retry-after", "")
            return {"throttled_s": float(after) if after.replace(".", "", 1).isdigit() else 2.0}
        if answer.status_code in (401, 403, 404):
            raise ShopRefused(
                f"The shop answered {answer.status_code}: check its address and the access token."
            )
        if answer.status_code != 200:
            raise ShopUnreachable(f"The shop answered {answer.status_code}.")
        return _decode(answer.content)


def _decode(content: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(content[:ANSWER_MAX])
    except msgspec.DecodeError as fault:
        raise ShopUnreachable("The shop's answer was no JSON.") from fault
    if not isinstance(found, dict):
        raise ShopUnreachable("The shop's answer was no object.")
    return found


def _throttled_s(answer: Mapping[str, Any], attempt: int) -> float | None:
    """Seconds until the budget suffices; None when the call was carried out."""
    if "throttled_s" in answer:
        return float(answer["throttled_s"])
    codes = [(error.get("extensions") or {}).get("code") for error in answer.get("errors") or []]
    if "THROTTLED" not in codes:
        return None
    cost = (answer.get("extensions") or {}).get("cost") or {}
    budget = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost") or 0) - float(
        budget.get("currentlyAvailable") or 0
    )
    rate = float(budget.get("restoreRate") or 50)
    return max(missing / max(rate, 1), 0.5 * attempt)


def _data(answer: Mapping[str, Any]) -> dict[str, Any]:
    errors = answer.get("errors")
    if errors:
        told = "; ".join(str(error.get("message", ""))[:200] for error in errors[:3])
        codes = {(error.get("extensions") or {}).get("code") for error in errors}
        if "INTERNAL_SERVER_ERROR" in codes:
            raise ShopUnreachable(f"The shop failed: {told}")
        raise ShopRefused(told or "The shop refused the call.")
    data = answer.get("data")
    if not isinstance(data, dict):
        raise ShopUnreachable("The shop's answer has no data.")
    return data


def refuse_user_errors(outcome: Mapping[str, Any], name: str = "userErrors") -> None:
    """Raises ShopRefused with what the shop says is wrong."""
    errors = outcome.get(name) or []
    if errors:
        raise ShopRefused("; ".join(str(error.get("message", ""))[:200] for error in errors[:3]))
